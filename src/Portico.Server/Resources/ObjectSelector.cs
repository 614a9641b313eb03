using Portico.Api.Selectors;
using Portico.Api.Statuses;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Resources;

/// <summary>The label and field selectors and the namespace of a request.</summary>
internal sealed record ObjectSelector(string Namespace, LabelMatcher Labels, FieldMatcher Fields)
{
    /// <summary>Every object of the namespace.</summary>
    public bool IsEverything => Labels.IsEverything && Fields.IsEverything;

    public static bool TryRead(ResourceRequest request, out ObjectSelector selector, out Status? refusal)
    {
        selector = new(request.Namespace, LabelMatcher.Everything, FieldMatcher.Everything);
        refusal = null;
        if (!LabelMatcher.TryParse(request.Query.LabelSelector, out var labels, out var error)
            || !FieldMatcher.TryParse(request.Query.FieldSelector, request.Kind.GroupResource, out var fields, out error))
        {
            refusal = Refusal.BadRequest(error!);
            return false;
        }

        selector = selector with { Labels = labels, Fields = fields };
        return true;
    }

    public bool Matches(StoredObject item) =>
        (Namespace.Length == 0 || item.Key.Namespace == Namespace)
        && (Fields.IsEverything || Fields.Matches(item))
        && (Labels.IsEverything || Labels.Matches(item.Labels));
}
