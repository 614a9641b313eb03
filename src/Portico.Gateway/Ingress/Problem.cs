namespace Portico.Gateway.Ingress;

/// <summary>What is wrong with one object, told on that object.</summary>
/// <param name="Reason">CamelCase, one of <see cref="Reasons"/>.</param>
/// <param name="Field">"spec.rules[0].http.paths[1].backend".</param>
internal sealed record Problem(string Reason, string Field, string Message)
{
    public override string ToString() => $"{Field}: {Message}";
}
