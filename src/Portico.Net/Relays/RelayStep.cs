namespace Portico.Net.Relays;

/// <summary>What became of one turn of a direction.</summary>
internal enum RelayStep
{
    /// <summary>For an event of one of its ends.</summary>
    Waits,

    /// <summary>There is more at once; others first.</summary>
    Continues,

    Done,
    Broken,
}
