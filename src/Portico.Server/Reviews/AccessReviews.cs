using System.Text.Json.Nodes;
using Portico.Server.Answers;
using Portico.Server.Authentication;
using Portico.Server.Authorization;
using Portico.Server.Requests;

namespace Portico.Server.Reviews;

/// <summary>Answers the review kinds: questions about who somebody is and what they may.</summary>
internal sealed class AccessReviews(Authorizer authorizer, Authenticator authenticator, ServiceAccountTokens tokens)
{
    public async Task<Answer> CreateAsync(ResourceRequest request, CancellationToken cancellationToken)
    {
        var body = await RequestBody.ReadAsync(request.Context, cancellationToken);
        if (body.Refusal is not null)
        {
            return Answer.Refuse(body.Refusal);
        }

        var review = body.Node as JsonObject ?? [];
        (review["kind"], review["apiVersion"]) = (request.Kind.Kind, request.Kind.ApiVersion);
        review.Child("metadata")["creationTimestamp"] = null;
        review["status"] = request.Kind.Kind switch
        {
            "SelfSubjectAccessReview" => Access(request.User, review["spec"]),
            "SubjectAccessReview" or "LocalSubjectAccessReview" => Access(Subject(review["spec"]), review["spec"]),
            "SelfSubjectRulesReview" => Rules(request.User),
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = Describe(request.User) },
            _ => Token(review["spec"]),
        };
        return Answer.Json(review, 201);
    }

    private static UserInfo Subject(JsonNode? spec) => new(spec.Text("user") ?? "", [.. spec.Texts("groups")]);

    private static JsonObject Describe(UserInfo user)
    {
        var info = new JsonObject { ["username"] = user.Name, ["groups"] = new JsonArray([.. user.Groups]) };
        if (user.Uid is not null)
        {
            info["uid"] = user.Uid;
        }

        if (user.Extra.Count > 0)
        {
            info["extra"] = new JsonObject(user.Extra.Select(static pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, new JsonArray(pair.Value))));
        }

        return info;
    }

    private static JsonObject Rules(UserInfo user)
    {
        var (resources, paths) = (new JsonArray(), new JsonArray());
        foreach (var rule in AccessTable.RulesOf(user))
        {
            if (rule.Resources.Count > 0)
            {
                resources.Add((JsonNode)new JsonObject
                {
                    ["verbs"] = new JsonArray([.. rule.Verbs]),
                    ["apiGroups"] = new JsonArray([.. rule.Groups]),
                    ["resources"] = new JsonArray([.. rule.Resources]),
                });
            }

            if (rule.Paths.Count > 0)
            {
                paths.Add((JsonNode)new JsonObject { ["verbs"] = new JsonArray([.. rule.Verbs]), ["nonResourceURLs"] = new JsonArray([.. rule.Paths]) });
            }
        }

        return new() { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private JsonObject Access(UserInfo user, JsonNode? spec)
    {
        var attributes = spec.At("resourceAttributes");
        var path = spec.At("nonResourceAttributes");
        var allowed = authorizer.IsAllowed(user, new()
        {
            Verb = (attributes ?? path).Text("verb") ?? "",
            Group = attributes.Text("group") ?? "",
            Resource = attributes.Text("resource") ?? "",
            Subresource = attributes.Text("subresource") ?? "",
            Namespace = attributes.Text("namespace") ?? "",
            Name = attributes.Text("name") ?? "",
            Path = attributes is null ? path.Text("path") ?? "/" : "",
        });
        return new() { ["allowed"] = allowed };
    }

    private JsonObject Token(JsonNode? spec)
    {
        var token = spec.Text("token") ?? "";
        var wanted = spec.Texts("audiences").ToList();
        var verified = tokens.Verify(token);
        var user = verified?.User ?? authenticator.ByToken(token);
        var audiences = verified?.Audiences ?? [ServiceAccountTokens.Audience];
        var common = wanted.Count == 0 ? [ServiceAccountTokens.Audience] : wanted.Intersect(audiences).ToList();
        return user is null || common.Count == 0
            ? new() { ["authenticated"] = false, ["error"] = "the token is not valid" }
            : new() { ["authenticated"] = true, ["user"] = Describe(user), ["audiences"] = new JsonArray([.. common]) };
    }
}
