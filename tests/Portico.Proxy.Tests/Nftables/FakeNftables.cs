using Portico.Net.Nftables;

namespace Portico.Proxy.Tests.Nftables;

/// <summary>A table that is as strict as the kernel: to delete what is not there, to add what is there with other data, or to go to a chain that is missing, fails whole.</summary>
internal sealed class FakeNftables : INftables
{
    private readonly HashSet<string> _chains = [];
    private TaskCompletionSource _foreign = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Dictionary<(string, ElementBytes, ElementBytes), SetElement> Elements { get; } = [];

    public List<string> Scripts { get; } = [];

    /// <summary>Chains written by <see cref="Write"/>.</summary>
    public List<string> Written { get; } = [];

    public IOException? FailNext { get; set; }

    public Task RunScriptAsync(string script, CancellationToken cancellationToken)
    {
        Scripts.Add(script);
        foreach (var line in script.Split('\n'))
        {
            if (line.StartsWith("add chain ip portico-proxy ", StringComparison.Ordinal))
            {
                _chains.Add(line.Split(' ')[4]);
            }
        }

        return Task.CompletedTask;
    }

    public void Write(IReadOnlyList<RuleChain> chains)
    {
        foreach (var chain in chains)
        {
            _chains.Add(chain.Name);
            Written.Add(chain.Name);
        }
    }

    public void Apply(IReadOnlyList<SetElement> delete, IReadOnlyList<SetElement> add)
    {
        if (FailNext is { } failure)
        {
            FailNext = null;
            throw failure;
        }

        foreach (var element in delete)
        {
            Assert.True(Elements.Remove(element.Identity), $"{element.Set} {element.Key} is not there to be deleted");
        }

        foreach (var element in add)
        {
            Assert.True(Elements.TryAdd(element.Identity, element), $"{element.Set} {element.Key} is there already");
            Assert.True(element.Goto is null || _chains.Contains(element.Goto), $"chain {element.Goto} is missing");
        }
    }

    public IReadOnlyList<SetElement>? Read(string set) => [.. Elements.Values.Where(element => element.Set == set)];

    public IReadOnlyList<SetElement> Find(IReadOnlyCollection<SetElement> elements) => [.. elements.Where(element => Elements.ContainsKey(element.Identity))];

    public Task WaitForForeignChangeAsync(CancellationToken cancellationToken) => _foreign.Task.WaitAsync(cancellationToken);

    public void SomebodyChanged()
    {
        var waiting = _foreign;
        _foreign = new(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
    }
}
