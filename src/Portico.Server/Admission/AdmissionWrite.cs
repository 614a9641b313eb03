using System.Text.Json.Nodes;
using Portico.Server.Requests;

namespace Portico.Server.Admission;

/// <summary>A write on its way to the store.</summary>
/// <param name="Object">Admission may change it.</param>
/// <param name="Old">The stored object; null on create.</param>
internal sealed record AdmissionWrite(ResourceRequest Request, JsonObject Object, JsonObject? Old)
{
    private readonly List<Action<bool>> _settle = [];

    /// <summary>Called once, with true when the write is durable, with false when nothing was written.</summary>
    public void WhenSettled(Action<bool> action) => _settle.Add(action);

    public void Settle(bool done)
    {
        foreach (var action in _settle)
        {
            action(done);
        }

        _settle.Clear();
    }
}
