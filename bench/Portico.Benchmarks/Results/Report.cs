using System.Text;

namespace Portico.Benchmarks.Results;

/// <summary>Collects the rows of one run; they are shown as they come.</summary>
internal sealed class Report
{
    private readonly List<(string Section, List<Row> Rows)> _sections = [];

    public bool AllKept => _sections.SelectMany(static section => section.Rows).All(static row => row.Kept != false);

    public void Begin(string section)
    {
        _sections.Add((section, []));
        Console.WriteLine($"\n{section}");
    }

    public void Add(Row row)
    {
        _sections[^1].Rows.Add(row);
        Console.WriteLine($"  {row.What,-70} {row.Value}{Verdict(row)}");
    }

    public string ToMarkdown(DateTimeOffset when)
    {
        var text = new StringBuilder();
        text.AppendLine($"Run of {when:yyyy-MM-dd HH:mm} UTC on {Machine.Describe()}.");
        foreach (var (section, rows) in _sections)
        {
            text.AppendLine().AppendLine($"### {section}").AppendLine().AppendLine("| what | measured | bar |").AppendLine("|---|---|---|");
            foreach (var row in rows)
            {
                text.AppendLine($"| {row.What} | {row.Value} | {row.Bar}{(row.Kept is { } kept ? kept ? " (kept)" : " (**missed**)" : "")} |");
            }
        }

        return text.ToString();
    }

    private static string Verdict(Row row) => row.Kept is { } kept ? $"   (bar: {row.Bar}: {(kept ? "kept" : "MISSED")})" : "";
}
