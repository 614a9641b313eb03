namespace Portico.Addresses.Vrrp;

/// <summary>Makes one opinion of many results: it changes after so many of the other kind in a row. The first result is believed.</summary>
internal sealed class RiseFall(int rise, int fall)
{
    private bool? _opinion;
    private int _against;

    /// <returns>The opinion when it is new; else null.</returns>
    public bool? Count(bool succeeded)
    {
        _against = succeeded == _opinion ? 0 : _against + 1;
        if (_opinion is not null && (succeeded == _opinion || _against < (succeeded ? rise : fall)))
        {
            return null;
        }

        (_opinion, _against) = (succeeded, 0);
        return succeeded;
    }
}
