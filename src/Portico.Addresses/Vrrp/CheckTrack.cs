using System.Collections.Immutable;

namespace Portico.Addresses.Vrrp;

/// <summary>A command that is run again and again: succeeds when it ends with 0 in time.</summary>
public sealed record CheckTrack(string Command, ImmutableArray<string> Arguments) : VrrpTrack
{
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Successes in a row after which it counts as succeeding.</summary>
    public int Rise { get; init; } = 1;

    /// <summary>Failures in a row after which it counts as failing.</summary>
    public int Fall { get; init; } = 1;

    public override string Name => $"check {string.Join(' ', [Command, .. Arguments])}";

    public bool Equals(CheckTrack? other) =>
        other is not null
        && (Command, Interval, Timeout, Rise, Fall, Weight) == (other.Command, other.Interval, other.Timeout, other.Rise, other.Fall, other.Weight)
        && Arguments.SequenceEqual(other.Arguments);

    public override int GetHashCode() => HashCode.Combine(Command, Arguments.Length, Weight);
}
