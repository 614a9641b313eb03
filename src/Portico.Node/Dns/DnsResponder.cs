using Portico.Net.Dns;

namespace Portico.Node.Dns;

/// <summary>Turns a query's bytes into an answer's.</summary>
internal sealed class DnsResponder(ClusterZone zone, DnsForwarder forwarder)
{
    private const int ClassIn = 1;
    private const int ClassAny = 255;

    // A CNAME that leads on within the zone; a chain is never long.
    private const int MaxAliases = 8;

    /// <param name="limit">Most that the transport carries; for UDP the client may take less.</param>
    /// <param name="length">0: no answer is due, or the message deserves none.</param>
    /// <returns>False: others must be asked, by <see cref="ForwardAsync"/>.</returns>
    public bool TryAnswer(ReadOnlySpan<byte> message, Span<byte> target, int limit, out int length)
    {
        length = 0;
        var wellFormed = DnsQuery.TryRead(message, out var query);
        if (message.Length < DnsQuery.HeaderLength || query.IsResponse)
        {
            return true;
        }

        var answer = wellFormed ? Decide(query) : new() { Code = DnsCode.FormatError };
        if (answer is null)
        {
            return false;
        }

        if (!wellFormed)
        {
            // Its question may be what is wrong with it.
            query = query.HeaderOnly;
        }

        length = DnsWriter.Write(query, message, answer, forwarder.HasUpstreams, target, limit > DnsForwarder.MaxUdp ? limit : Math.Min(limit, query.Payload));
        return true;
    }

    /// <returns>An answer in any case: that of a resolver, or a refusal.</returns>
    public async Task<ReadOnlyMemory<byte>> ForwardAsync(byte[] message, CancellationToken cancellationToken)
    {
        if (await forwarder.AskAsync(message, cancellationToken) is { } answer)
        {
            return answer;
        }

        DnsQuery.TryRead(message, out var query);
        var target = new byte[DnsForwarder.MaxUdp];
        var failure = new DnsAnswer { Code = DnsCode.ServerFailure };
        return target.AsMemory(0, DnsWriter.Write(query, message, failure, recursionAvailable: true, target, DnsQuery.ClassicPayload));
    }

    private DnsAnswer? Decide(DnsQuery query)
    {
        if (!query.IsStandard)
        {
            return new() { Code = DnsCode.NotImplemented };
        }

        if (query.HasEdns && query.EdnsVersion > 0)
        {
            return new() { Code = DnsCode.BadVersion };
        }

        if (query.Class is not (ClassIn or ClassAny))
        {
            return new() { Code = DnsCode.Refused };
        }

        return zone.Answer(query.Name, query.Type) is { } answer ? Follow(answer, query.Type)
            : forwarder.HasUpstreams ? null
            : new() { Code = DnsCode.Refused };
    }

    private DnsAnswer Follow(DnsAnswer answer, DnsType type)
    {
        if (type is DnsType.Cname or DnsType.Any)
        {
            return answer;
        }

        for (var i = 0; i < MaxAliases && answer.Answers is [.., { Type: DnsType.Cname } alias]; i++)
        {
            if (zone.Answer(alias.Target, type) is not { Answers.Count: > 0 } next)
            {
                break;
            }

            answer = answer with { Answers = [.. answer.Answers, .. next.Answers] };
        }

        return answer;
    }
}
