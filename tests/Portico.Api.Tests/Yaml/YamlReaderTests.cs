using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Portico.Api.Yaml;

namespace Portico.Api.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("On", "true")]
    [InlineData("y", "true")]
    [InlineData("TRUE", "true")]
    [InlineData("off", "false")]
    [InlineData("No", "false")]
    [InlineData("n", "false")]
    [InlineData("yEs", "\"yEs\"")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("!!str yes", "\"yes\"")]
    [InlineData("~", "null")]
    [InlineData("Null", "null")]
    [InlineData("", "null")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("12", "12")]
    [InlineData("-12", "-12")]
    [InlineData("+12", "12")]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0644", "420")]
    [InlineData("0o644", "420")]
    [InlineData("0x1F", "31")]
    [InlineData("-0x10", "-16")]
    [InlineData("0b101", "5")]
    [InlineData("1_000", "1000")]
    [InlineData("08", "8")]
    [InlineData("1.5", "1.5")]
    [InlineData(".5", "0.5")]
    [InlineData("1e3", "1000")]
    [InlineData("2.0", "2")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("10.0.0.1", "\"10.0.0.1\"")]
    [InlineData("1:30", "\"1:30\"")]
    [InlineData("100m", "\"100m\"")]
    [InlineData("0x", "\"0x\"")]
    [InlineData("0xZZ", "\"0xZZ\"")]
    [InlineData("-", "[null]")]
    [InlineData("2001-01-01", "\"2001-01-01\"")]
    [InlineData("2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\"")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    [InlineData("!!int \"7\"", "7")]
    [InlineData("hello world", "\"hello world\"")]
    public void ReadAll_Scalar_IsWhatGoMakesOfIt(string yaml, string json) =>
        J.Equal($$"""{"a":{{json}}}""", YamlReader.ReadAll(yaml == "-" ? "a:\n-" : $"a: {yaml}").Single());

    [Theory]
    [InlineData("on: 1", """{"true":1}""")]
    [InlineData("80: web", """{"80":"web"}""")]
    [InlineData("'80': web", """{"80":"web"}""")]
    [InlineData("0x10: a", """{"16":"a"}""")]
    public void ReadAll_Key_IsAText(string yaml, string json) => J.Equal(json, YamlReader.ReadAll(yaml).Single());

    [Fact]
    public void ReadAll_ManyDocuments_LeavesEmptyOnesOut() =>
        Assert.Equal(["""{"a":1}""", """{"b":2}"""], YamlReader.ReadAll("---\na: 1\n---\n# nothing\n---\nb: 2\n---\n").Select(node => node.ToJsonString()));

    [Fact]
    public void ReadAll_Nothing_IsNothing() => Assert.Empty(YamlReader.ReadAll("# only a comment\n"));

    [Fact]
    public void ReadAll_Json_IsYaml() => J.Equal("""{"a":[1,{"b":null}]}""", YamlReader.ReadAll("""{"a": [1, {"b": null}]}""").Single());

    [Fact]
    public void ReadAll_MergeKeys_OwnFieldsWin() => J.Equal(
        """{"base":{"a":1,"b":2},"more":{"b":3,"c":4},"item":{"a":9,"b":2,"c":4}}""",
        YamlReader.ReadAll("base: &b {a: 1, b: 2}\nmore: &m {b: 3, c: 4}\nitem:\n  a: 9\n  <<: [*b, *m]\n").Single());

    [Fact]
    public void ReadAll_Alias_IsACopy()
    {
        var node = YamlReader.ReadAll("a: &x [1]\nb: *x\n").Single();

        ((JsonArray)node["b"]!).Add(JsonValue.Create(2));
        J.Equal("""{"a":[1],"b":[1,2]}""", node);
    }

    [Theory]
    [InlineData("a: 1\na: 2", "line 2", "already set")]
    [InlineData("a: *nothing", "line 1", "anchor")]
    [InlineData("a: 1\n---\nb: [", "document 2: line", "")]
    [InlineData("a: [1", "line", "")]
    [InlineData("a: {b: }}", "line 1", "")]
    [InlineData("a: .inf", "line 1", "JSON")]
    [InlineData("? [1]\n: 2", "line 1", "key")]
    [InlineData("a: !!int x", "line 1", "int")]
    [InlineData("a: &x [*x]", "line 1", "anchor")]
    [InlineData("<<: 5\na: 1", "line", "merge key")]
    public void ReadAll_BadText_SaysWhere(string yaml, string line, string what)
    {
        var error = Assert.Throws<InvalidDataException>(() => YamlReader.ReadAll(yaml));

        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadAll_AliasBomb_IsRefused()
    {
        var bomb = new StringBuilder("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
        for (var c = 'b'; c <= 'j'; c++)
        {
            var before = (char)(c - 1);
            bomb.Append(c).Append(": &").Append(c).Append(" [").AppendJoin(',', Enumerable.Repeat($"*{before}", 10)).Append("]\n");
        }

        Assert.Contains("aliases", Assert.Throws<InvalidDataException>(() => YamlReader.ReadAll(bomb.ToString())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void ReadAll_DeepNesting_IsRefused(string step) =>
        Assert.Throws<InvalidDataException>(() => YamlReader.ReadAll(string.Concat(Enumerable.Repeat(step, 20_000))));

    [Fact]
    public void ReadAll_AnyText_IsReadOrRefused() => Gen.String[Gen.Char["ab:-[]{}&*!<>|\n \t'\"#%@,?0x1"], 0, 40].Sample(
        text =>
        {
            try
            {
                YamlReader.ReadAll(text);
            }
            catch (InvalidDataException)
            {
                // Refused, which is an answer.
            }
        },
        iter: 3_000);

    [Fact]
    public void ReadAll_JsonOfAnyDocument_ReadsTheSame() =>
        Gen.Int.Sample(seed => JsonNode.DeepEquals(J.Random(seed), YamlReader.ReadAll(J.Random(seed).ToJsonString()).Single()));

    [Fact]
    public void ReadDocuments_Line_IsWhereTheFieldStands()
    {
        var documents = YamlReader.ReadDocuments("""
            # shop
            apiVersion: v1
            kind: Service
            ---
            ---
            kind: Secret
            metadata:
              annotations:
                example.com/note: x
            data:
              tls.crt: YQ==
            spec:
              ports:
              - name: http
                port: 80
              -
                port: 443
            """);

        Assert.Equal([1, 3], documents.Select(document => document.Index));
        Assert.Equal(3, documents[0].Line("kind"));
        var second = documents[1];
        Assert.Equal(6, second.Line("kind"));
        Assert.Equal(15, second.Line("spec.ports[0].port"));
        Assert.Equal(17, second.Line("spec.ports[1].port"));
        Assert.Equal(14, second.Line("spec.ports[0].nodePort"));
        Assert.Equal(13, second.Line("spec.ports[7].port"));
        Assert.Equal(11, second.Line("data[tls.crt]"));
        Assert.Equal(9, second.Line("metadata.annotations[example.com/note]"));
        Assert.Equal(12, second.Line("spec.nothing.at.all"));
        Assert.Equal(1, second.Line("nothing"));
    }
}
