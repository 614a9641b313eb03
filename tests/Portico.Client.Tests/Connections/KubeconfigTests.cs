using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portico.Client.Connections;

namespace Portico.Client.Tests.Connections;

public sealed class KubeconfigTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("portico-kubeconfig-").FullName;

    [Fact]
    public void Load_EmbeddedData_HasServerAuthorityAndClient()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=admin", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var pem = Base64(certificate.ExportCertificatePem());
        var credentials = Kubeconfig.Load(Write($$"""
            current-context: here
            clusters:
            - name: c
              cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: {{pem}}, tls-server-name: kubernetes}
            contexts:
            - name: here
              context: {cluster: c, user: u}
            users:
            - name: u
              user: {client-certificate-data: {{pem}}, client-key-data: {{Base64(key.ExportPkcs8PrivateKeyPem())}}}
            """));
        Assert.Equal(new Uri("https://127.0.0.1:6443"), credentials.Server);
        Assert.Equal("CN=admin", Assert.Single(credentials.Authorities).Subject);
        Assert.True(credentials.ClientCertificate!.HasPrivateKey);
        Assert.Equal("kubernetes", credentials.TlsServerName);
        Assert.Null(credentials.Token);
        Assert.DoesNotContain(pem, credentials.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FilesBesideIt_AreReadRelativeToItAndTokensAnew()
    {
        File.WriteAllText(Path.Combine(_directory, "token"), "one\n");
        var credentials = Kubeconfig.Load(Write("""
            current-context: a
            clusters: [{name: c, cluster: {server: "https://h", insecure-skip-tls-verify: true}}]
            contexts: [{name: a, context: {cluster: c, user: u}}]
            users: [{name: u, user: {tokenFile: token}}]
            """));
        Assert.Equal("one", credentials.Token!());
        File.WriteAllText(Path.Combine(_directory, "token"), "two");
        Assert.Equal("two", credentials.Token!());
        Assert.True(credentials.InsecureSkipTlsVerify);
    }

    [Theory]
    [InlineData("[]", "no mapping at the top")]
    [InlineData("clusters: []", "current-context is not set")]
    [InlineData("{current-context: a, contexts: []}", "contexts has no entry named \"a\"")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x}}]}", "clusters has no entry named \"x\"")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x}}], clusters: [{name: x, cluster: {q: 1}}]}", "cluster x has no server")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x}}], clusters: [{name: x, cluster: {server: 'no url'}}]}", "cluster x: server \"no url\"")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x}}], clusters: [{name: x, cluster: {server: 'https://h', certificate-authority-data: '%'}}]}", "certificate-authority-data")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x}}], clusters: [{name: x, cluster: {server: 'https://h', certificate-authority: nowhere.pem}}]}", "nowhere.pem")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x, user: u}}], clusters: [{name: x, cluster: {server: 'https://h'}}], users: [{name: u, user: {exec: {command: login}}}]}", "exec login: apiVersion is")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x, user: u}}], clusters: [{name: x, cluster: {server: 'https://h'}}], users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}]}", "exec has no command")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x, user: u}}], clusters: [{name: x, cluster: {server: 'https://h'}}], users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Always}}}]}", "interactiveMode Always")]
    [InlineData("{current-context: a, contexts: [{name: a, context: {cluster: x, user: u}}], clusters: [{name: x, cluster: {server: 'https://h'}}], users: [{name: u, user: {auth-provider: {name: gcp}}}]}", "auth-provider")]
    [InlineData("a: [", "")]
    public void Load_UnusableFile_NamesWhatIsWrong(string text, string expected)
    {
        var path = Write(text);
        var error = Assert.Throws<InvalidDataException>(() => Kubeconfig.Load(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private string Write(string text)
    {
        var path = Path.Combine(_directory, "config");
        File.WriteAllText(path, text);
        return path;
    }
}
