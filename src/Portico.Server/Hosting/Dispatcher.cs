using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portico.Server.Answers;
using Portico.Server.Authentication;
using Portico.Server.Authorization;
using Portico.Server.Discovery;
using Portico.Server.Metrics;
using Portico.Server.Requests;

namespace Portico.Server.Hosting;

/// <summary>Every request's way: health and version for everybody, then who asks, what for, whether they may, and who answers.</summary>
internal sealed partial class Dispatcher(
    Authenticator authenticator,
    Authorizer authorizer,
    DiscoveryEndpoints discovery,
    ResourceEndpoints resources,
    ServerMetrics metrics,
    ILogger<Dispatcher> logger)
{
    public async Task AnswerAsync(HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        try
        {
            var answer = await FindAsync(context, cancellationToken);
            await answer.WriteAsync(context, cancellationToken);
            metrics.Answered(context.Request.Method, context.Response.StatusCode);
        }
        catch (Exception failure) when (cancellationToken.IsCancellationRequested && failure is OperationCanceledException or IOException)
        {
            // The client is gone.
        }
#pragma warning disable CA1031 // The boundary: one broken request must not harm another, and the client gets a Status.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(failure, context.Request.Method, context.Request.Path);
            metrics.Answered(context.Request.Method, StatusCodes.Status500InternalServerError);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await Answer.Refuse(Refusal.InternalError(failure.GetType().Name)).WriteAsync(context, cancellationToken);
        }
    }

    private static string Verb(HttpContext context, string name, RequestQuery query) => (context.Request.Method, name.Length > 0) switch
    {
        ("GET" or "HEAD", true) => "get",
        ("GET" or "HEAD", false) => query.Watch ? "watch" : "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "delete",
        ("DELETE", false) => "deletecollection",
        _ => "",
    };

    private async Task<Answer> FindAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var path = context.Request.Path.Value ?? "/";
        if (path is "/healthz" or "/livez" or "/readyz")
        {
            return Answer.Text("ok");
        }

        if (path is "/version" or "/version/")
        {
            return DiscoveryEndpoints.Version();
        }

        if (authenticator.Authenticate(context) is not { } user)
        {
            return Answer.Refuse(Refusal.Unauthorized());
        }

        return RequestPath.TryParse(path, out var parts) && parts.Resource.Length > 0
            ? await ResourceAsync(context, parts, user, cancellationToken)
            : Other(context, path, user);
    }

    private Answer Other(HttpContext context, string path, UserInfo user)
    {
        if (authorizer.Check(user, new() { Verb = context.Request.Method.ToLowerInvariant(), Path = path }) is { } forbidden)
        {
            return Answer.Refuse(forbidden);
        }

        return path == "/metrics" ? Answer.Text(metrics.Render()) : discovery.Find(context) ?? Answer.Refuse(Refusal.NoSuchPath());
    }

    private async Task<Answer> ResourceAsync(HttpContext context, RequestPath path, UserInfo user, CancellationToken cancellationToken)
    {
        if (!RequestQuery.TryRead(context.Request.Query, out var query, out var refusal))
        {
            return Answer.Refuse(refusal!);
        }

        var verb = Verb(context, path.Name, query);
        var access = new AccessRequest
        {
            Verb = verb,
            Group = path.Group,
            Resource = path.Resource,
            Subresource = path.Subresource,
            Namespace = path.Namespace,
            Name = path.Name,
        };
        if (authorizer.Check(user, access) is { } forbidden)
        {
            return Answer.Refuse(forbidden);
        }

        if (ServedGroups.Find(path.Group, path.Version, path.Resource) is not { } kind || !IsWellFormed(kind, path))
        {
            return Answer.Refuse(Refusal.NoSuchPath());
        }

        var form = path.Subresource == "log" ? ObjectForm.Whole : ObjectForms.From(context.Request.Headers.Accept);
        return form == ObjectForm.None
            ? Answer.Refuse(Refusal.NotAcceptable())
            : await resources.AnswerAsync(new(context, kind, path.Namespace, path.Name, path.Subresource, query, form, user), verb, cancellationToken);
    }

    private static bool IsWellFormed(Api.Kinds.ResourceKind kind, RequestPath path)
    {
        if (path.Subresource.Length > 0 && !Subresource.Of(kind).Any(one => one.Name == path.Subresource))
        {
            return false;
        }

        // Without a namespace only whole collections of a namespaced kind can be meant.
        return kind.Namespaced ? path.Namespace.Length > 0 || path.Name.Length == 0 : path.Namespace.Length == 0;
    }

    [LoggerMessage(2000, LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception failure, string method, string? path);
}
