using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portico.Client.Connections;

/// <summary>
/// Logs in by a program (client.authentication.k8s.io). It is run once, and again when what it gave expires or the server refuses it.
/// Safe for several threads.
/// </summary>
public sealed class ExecPlugin(ExecPluginOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    // Renewed before the server's clock says that it is over.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private volatile Credential? _current;

    /// <exception cref="IOException">The program could not be run, failed, or said nothing usable.</exception>
    public async ValueTask<Identity> GetAsync(CancellationToken cancellationToken)
    {
        if (_current is { } cached && time.GetUtcNow() < cached.RenewAt)
        {
            return cached.Identity;
        }

        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_current is not { } current || time.GetUtcNow() >= current.RenewAt)
            {
                _current = current = Read(await RunAsync(cancellationToken));
            }

            return current.Identity;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The server refused <paramref name="identity"/>: the program is run again before the next request.</summary>
    public void Forget(Identity identity)
    {
        if (_current is { } current && ReferenceEquals(current.Identity, identity))
        {
            _current = null;
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(options.Command, options.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = Request().ToJsonString();
        using var process = Start(start);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var words = (await error).Trim();
            return process.ExitCode == 0 ? await output : throw Failure($"it ended with {process.ExitCode}: {words}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure($"it did not end within {Timeout.TotalSeconds} s and was killed");
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw Failure(missing.Message + (options.InstallHint is { } hint ? $". {hint}" : ""));
        }
    }

    private JsonObject Request()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (options.Cluster is { } cluster)
        {
            spec["cluster"] = cluster.DeepClone();
        }

        return new() { ["apiVersion"] = options.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec };
    }

    private Credential Read(string output)
    {
        try
        {
            var answer = JsonNode.Parse(output) as JsonObject;
            if (Text(answer?["apiVersion"]) != options.ApiVersion || answer?["status"] is not JsonObject status)
            {
                throw Failure($"it printed no ExecCredential of {options.ApiVersion} with a status");
            }

            var certificate = Text(status["clientCertificateData"]) is { } pem && Text(status["clientKeyData"]) is { } key
                ? X509Certificate2.CreateFromPem(pem, key)
                : null;
            var token = Text(status["token"]);
            if (token is null && certificate is null)
            {
                throw Failure("it gave neither a token nor a certificate with its key");
            }

            var renewAt = Text(status["expirationTimestamp"]) is { } expiration
                ? DateTimeOffset.Parse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - Margin
                : DateTimeOffset.MaxValue;
            return new(new(token, certificate), renewAt);
        }
        catch (Exception wrong) when (wrong is JsonException or CryptographicException or FormatException)
        {
            throw Failure($"it printed what cannot be read: {wrong.Message}");
        }
    }

    private IOException Failure(string why) => new($"log in by {options.Command}: {why}");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    private sealed record Credential(Identity Identity, DateTimeOffset RenewAt);
}
