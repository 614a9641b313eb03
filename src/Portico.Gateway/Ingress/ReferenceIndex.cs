using Portico.Api.Kinds;

namespace Portico.Gateway.Ingress;

/// <summary>Which Ingresses looked at an object, so that its change reaches exactly them.</summary>
internal sealed class ReferenceIndex
{
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _users = [];

    public void Replace(ObjectKey user, IReadOnlySet<ObjectKey> before, IReadOnlySet<ObjectKey> now)
    {
        foreach (var target in before)
        {
            if (!now.Contains(target) && _users.TryGetValue(target, out var users) && users.Remove(user) && users.Count == 0)
            {
                _users.Remove(target);
            }
        }

        foreach (var target in now)
        {
            if (!_users.TryGetValue(target, out var users))
            {
                _users.Add(target, users = []);
            }

            users.Add(user);
        }
    }

    public IReadOnlyCollection<ObjectKey> Users(ObjectKey target) => _users.TryGetValue(target, out var users) ? users : [];
}
