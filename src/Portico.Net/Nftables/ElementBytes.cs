namespace Portico.Net.Nftables;

/// <summary>Key or data of a set element in the kernel's form, compared by value.</summary>
public readonly struct ElementBytes(byte[] bytes) : IEquatable<ElementBytes>
{
    public static readonly ElementBytes None = new([]);

    public ReadOnlySpan<byte> Span => bytes;

    public bool IsEmpty => bytes is null || bytes.Length == 0;

    public static bool operator ==(ElementBytes left, ElementBytes right) => left.Equals(right);

    public static bool operator !=(ElementBytes left, ElementBytes right) => !left.Equals(right);

    public bool Equals(ElementBytes other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is ElementBytes other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexStringLower(Span);
}
