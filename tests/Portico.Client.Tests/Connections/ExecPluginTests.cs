using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Portico.Client.Connections;

namespace Portico.Client.Tests.Connections;

public sealed class ExecPluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("portico-exec-").FullName;
    private readonly FakeTimeProvider _time = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_NotExpired_RunsOnceAndAgainBeforeTheEnd()
    {
        using var plugin = Plugin(Script("""{"token":"t'"$n"'","expirationTimestamp":"2026-01-01T01:00:00Z"}"""));

        Assert.Equal("t1", (await plugin.GetAsync(Stop)).Token);
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("t1", (await plugin.GetAsync(Stop)).Token);
        _time.Advance(TimeSpan.FromSeconds(51));
        Assert.Equal("t2", (await plugin.GetAsync(Stop)).Token);
    }

    [Fact]
    public async Task Send_Refused_LogsInAgainOnce()
    {
        using var plugin = Plugin(Script("""{"token":"t'"$n"'"}"""));
        var seen = new List<string?>();
        using var connection = new KubernetesConnection(
            new() { Server = new("https://api"), Plugin = plugin },
            new Server(request =>
            {
                seen.Add(request.Headers.Authorization?.Parameter);
                return seen.Count == 1 ? HttpStatusCode.Unauthorized : HttpStatusCode.OK;
            }));

        using var response = await connection.SendAsync(HttpMethod.Post, "/x", new StringContent("body"), null, Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["t1", "t2"], seen);
    }

    [Fact]
    public async Task Get_Certificate_HasItsKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256).CreateSelfSigned(_time.GetUtcNow(), _time.GetUtcNow().AddYears(1));
        var (pem, keyPem) = (certificate.ExportCertificatePem().ReplaceLineEndings("\\n"), key.ExportPkcs8PrivateKeyPem().ReplaceLineEndings("\\n"));
        using var plugin = Plugin(Script($$"""{"clientCertificateData":"{{pem}}","clientKeyData":"{{keyPem}}"}"""));

        var identity = await plugin.GetAsync(Stop);

        Assert.Equal("CN=node", identity.Certificate!.Subject);
        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Null(identity.Token);
    }

    [Fact]
    public async Task Load_Kubeconfig_ArgumentsEnvironmentAndClusterReachTheProgram()
    {
        var config = Path.Combine(_directory, "config");
        Script("""{"token":"'"$1/$#/$FLAVOR"'"}""", "echo \"$KUBERNETES_EXEC_INFO\" > \"$(dirname \"$0\")/info\"; echo a warning >&2");
        await File.WriteAllTextAsync(config, """
            current-context: a
            clusters: [{name: c, cluster: {server: "https://h:1", tls-server-name: k, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]}}]
            contexts: [{name: a, context: {cluster: c, user: u}}]
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: ./login
                  args: ["two words", last]
                  env: [{name: FLAVOR, value: sweet}]
                  interactiveMode: IfAvailable
                  provideClusterInfo: true
            """, Stop);

        using var plugin = Kubeconfig.Load(config).Plugin!;

        Assert.Equal("two words/2/sweet", (await plugin.GetAsync(Stop)).Token);
        Assert.Equal(
            """{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"https://h:1","tls-server-name":"k","config":{"audience":"x"}}}}""",
            (await File.ReadAllTextAsync(Path.Combine(_directory, "info"), Stop)).Trim());
    }

    [Theory]
    [InlineData("echo no such account >&2; exit 3", "it ended with 3: no such account")]
    [InlineData("echo nonsense", "it printed what cannot be read")]
    [InlineData("echo '{\"apiVersion\":\"v1\",\"status\":{}}'", "it printed no ExecCredential of client.authentication.k8s.io/v1")]
    [InlineData("echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "neither a token nor a certificate")]
    public async Task Get_ProgramFails_SaysWhichAndWhy(string script, string expected)
    {
        var program = Path.Combine(_directory, "login");
        Write(program, script);
        using var plugin = Plugin(program);

        var failure = await Assert.ThrowsAsync<IOException>(() => plugin.GetAsync(Stop).AsTask());

        Assert.Contains($"log in by {program}: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ProgramMissing_GivesTheHint()
    {
        using var plugin = new ExecPlugin(
            new() { Command = "portico-no-such-program", ApiVersion = "client.authentication.k8s.io/v1", InstallHint = "get it from us" }, _time);

        var failure = await Assert.ThrowsAsync<IOException>(() => plugin.GetAsync(Stop).AsTask());

        Assert.EndsWith(". get it from us", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private ExecPlugin Plugin(string program) => new(new() { Command = program, ApiVersion = "client.authentication.k8s.io/v1" }, _time);

    /// <param name="status">JSON inside single quotes of a shell; $n is how often the program has run.</param>
    private string Script(string status, string before = "")
    {
        var program = Path.Combine(_directory, "login");
        Write(program, $$"""
            echo >> "$(dirname "$0")/runs"
            n=$(wc -l < "$(dirname "$0")/runs")
            {{before}}
            printf '%s' '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{status}}}'
            """);
        return program;
    }

    private static void Write(string program, string script)
    {
        File.WriteAllText(program, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private sealed class Server(Func<HttpRequestMessage, HttpStatusCode> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(answer(request)));
    }
}
