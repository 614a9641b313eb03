using Portico.Server.Answers;
using Portico.Server.Discovery;
using Portico.Server.Requests;
using Portico.Server.Resources;
using Portico.Server.Reviews;
using Portico.Server.Subresources;

namespace Portico.Server.Hosting;

/// <summary>Which part answers a request for a resource: by verb and subresource.</summary>
internal sealed record ResourceEndpoints(
    ObjectReader Reader,
    ObjectWatcher Watcher,
    ObjectCreator Creator,
    ObjectReplacer Replacer,
    ObjectPatcher Patcher,
    ObjectDeleter Deleter,
    ScaleEndpoint Scale,
    PodEndpoints Pods,
    PodLogs Logs,
    TokenEndpoint Tokens,
    AccessReviews Reviews)
{
    public Task<Answer> AnswerAsync(ResourceRequest request, string verb, CancellationToken cancellationToken)
    {
        if (ServedGroups.IsReview(request.Kind))
        {
            return verb == "create" ? Reviews.CreateAsync(request, cancellationToken) : NotAllowed(request);
        }

        return (request.Subresource, verb) switch
        {
            ("", "get") => Task.FromResult(Reader.Get(request)),
            ("", "list") => Task.FromResult(Reader.List(request)),
            ("", "watch") => Task.FromResult(Watcher.Watch(request)),
            ("", "create") when request.Name.Length == 0 => Creator.CreateAsync(request, cancellationToken),
            ("", "update") => Replacer.ReplaceAsync(request, cancellationToken),
            ("", "patch") => Patcher.PatchAsync(request, cancellationToken),
            ("", "delete") => Deleter.DeleteAsync(request, cancellationToken),
            ("", "deletecollection") => Deleter.DeleteCollectionAsync(request, cancellationToken),
            ("status", "get") => Task.FromResult(Reader.Get(request)),
            ("status", "update") => Replacer.ReplaceAsync(request, cancellationToken),
            ("status", "patch") => Patcher.PatchAsync(request, cancellationToken),
            ("finalize", "update" or "create") => Replacer.ReplaceAsync(request, cancellationToken),
            ("scale", "get") => Task.FromResult(Scale.Get(request)),
            ("scale", "update") => Scale.ReplaceAsync(request, cancellationToken),
            ("scale", "patch") => Scale.PatchAsync(request, cancellationToken),
            ("binding", "create") => Pods.BindAsync(request, cancellationToken),
            ("eviction", "create") => Pods.EvictAsync(request, cancellationToken),
            ("log", "get") => Logs.GetAsync(request, cancellationToken),
            ("token", "create") => Tokens.CreateAsync(request, cancellationToken),
            _ => NotAllowed(request),
        };
    }

    private static Task<Answer> NotAllowed(ResourceRequest request) =>
        Task.FromResult(Answer.Refuse(Refusal.MethodNotAllowed(request.Context.Request.Method, request.Kind.GroupResource)));
}
