using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portico.Api.Objects;
using Portico.Node.Containers;
using Portico.Node.Logs;
using Portico.Node.Pods;
using Portico.Node.Records;

namespace Portico.Node.Serving;

/// <summary>Answers <c>GET /containerLogs/NAMESPACE/POD/CONTAINER</c>.</summary>
internal sealed class ContainerLogs(PodSupervisor pods, RecordStore store, TimeProvider time)
{
    public async Task AnswerAsync(HttpContext context, string @namespace, string podName, string containerName)
    {
        if (LogQuery.TryRead(context.Request.Query, time.GetUtcNow(), out var error) is not { } query)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var found = pods.Find(@namespace, podName);
        if (found is not { } known || !IsContainer(known.Pod, containerName))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, found is null
                ? $"pod \"{podName}\" not found"
                : $"container {containerName} is not valid for pod {podName}");
            return;
        }

        if (known.Record?.Find(containerName) is not { } container)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"container \"{containerName}\" in pod \"{podName}\" is waiting to start: {WaitingReason(known.Pod, containerName)}");
            return;
        }

        var restart = container.RestartCount - (query.Previous ? 1 : 0);
        var files = new ContainerFiles(store.DirectoryOf(known.Record.Id, containerName));
        if (restart < 0 || !File.Exists(files.Log(restart)))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"previous terminated container \"{containerName}\" in pod \"{podName}\" not found");
            return;
        }

        context.Response.ContentType = "text/plain";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted);
        var reader = new LogReader(files.Log(restart), files.LogTimes(restart), query, time);
        try
        {
            await reader.CopyAsync(context.Response.Body, () => HasEnded(@namespace, podName, container), context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads any more.
        }
    }

    private bool HasEnded(string @namespace, string pod, ContainerRecord container) =>
        pods.Find(@namespace, pod)?.Record?.Find(container.Name) is not { Ended: null } newest || newest.Id != container.Id;

    private static bool IsContainer(Pod pod, string name) =>
        pod.Spec.Containers.Any(container => container.Name == name) || pod.Spec.InitContainers.Any(container => container.Name == name);

    private static string WaitingReason(Pod pod, string name) =>
        pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(status => status.Name == name)?.State?.Waiting?.Reason
        ?? "ContainerCreating";

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(message, context.RequestAborted);
    }
}
