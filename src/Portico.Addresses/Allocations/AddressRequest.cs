using Portico.Api.Objects;
using Portico.Net.Packets;

namespace Portico.Addresses.Allocations;

/// <summary>The address that a Service asks for by name, and the field that says so.</summary>
/// <param name="Field">"spec.loadBalancerIP" or an annotation's path; empty: nothing is asked for.</param>
/// <param name="Error">Why what is asked for can't be understood; <paramref name="Address"/> is null then.</param>
public sealed record AddressRequest(string Field, IPv4? Address, string? Error)
{
    public const string Annotation = "portico.dev/address";

    /// <summary>MetalLB's annotation: a list of one address per family.</summary>
    public const string MetalLBAnnotation = "metallb.io/loadBalancerIPs";

    private static readonly AddressRequest Nothing = new("", null, null);

    public static AddressRequest Of(Service service)
    {
        var request = Nothing;
        foreach (var (field, text) in Fields(service))
        {
            if (text is not { Length: > 0 })
            {
                continue;
            }

            if (!IPv4.TryParse(text, out var address))
            {
                return new(field, null, $"{field}: \"{text}\" is no single IPv4 address, and the pool has only those: write one, or remove the field to get any");
            }

            if (request.Address is { } other && other != address)
            {
                return new(field, null, $"{field}: {address} differs from {request.Field}: {other}: keep one of the two");
            }

            request = new(field, address, null);
        }

        return request;
    }

    private static (string Field, string? Text)[] Fields(Service service) =>
    [
        (AnnotationField(Annotation), service.Metadata.Annotations.GetValueOrDefault(Annotation)),
        (AnnotationField(MetalLBAnnotation), service.Metadata.Annotations.GetValueOrDefault(MetalLBAnnotation)?.Trim()),
        ("spec.loadBalancerIP", service.Spec.LoadBalancerIP),
    ];

    private static string AnnotationField(string name) => $"metadata.annotations[{name}]";
}
