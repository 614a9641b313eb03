using System.Text;
using Portico.Net.Namespaces;
using Portico.Net.Netlink;
using Portico.Net.Processes;

namespace Portico.Net.Nftables;

/// <summary>
/// A table of the kernel: scripts through <c>nft -f -</c>, elements and some rules by netlink. One caller at a time; only
/// <see cref="WaitForForeignChangeAsync"/> may run beside the others.
/// </summary>
public sealed class NftablesTable : INftables, IDisposable
{
    private const int TransactionLimit = 8 * 1024 * 1024;
    private const int QuestionsAtOnce = 256;

    // Elements that are only added do not need each other. The kernel makes a notification of 4 KB for each and keeps all until the transaction ends,
    // so parts of this size keep its memory low.
    private const int AdditionLimit = 1024 * 1024;

    private static readonly TimeSpan NotificationPoll = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly byte[] _nameBytes;
    private readonly byte _family;
    private readonly NetworkNamespace? _inside;
    private readonly TimeProvider _time;
    private readonly NetlinkSocket _requests;
    private readonly NetlinkSocket _notifications;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly byte[] _notificationBuffer = new byte[128 * 1024];
    private readonly HashSet<uint> _foreign = [];
    private readonly NetlinkWriter _writer = new();
    private uint _sequence;
    private bool _overrun;
    private bool _scriptRuns;

    /// <param name="family">AF_INET or AF_INET6, see <see cref="NetlinkConstants"/>.</param>
    /// <param name="inside">Null: the process's own network namespace.</param>
    public NftablesTable(byte family, string name, NetworkNamespace? inside, TimeProvider time)
    {
        (_family, _name, _nameBytes, _inside, _time) = (family, name, Encoding.UTF8.GetBytes(name), inside, time);
        _requests = Open(0);
        _notifications = Open(NftMessages.NotificationGroup);
        _notifications.Ignore(_requests.PortId);
    }

    public async Task RunScriptAsync(string script, CancellationToken cancellationToken)
    {
        BeginScript();
        try
        {
            (await Command.RunInAsync(_inside, "nft", ["-f", "-"], script, cancellationToken)).OrThrow($"nft: script for table {_name}");
        }
        finally
        {
            EndScript();
        }
    }

    public void Write(IReadOnlyList<RuleChain> chains)
    {
        if (chains.Count == 0)
        {
            return;
        }

        _writer.Clear();
        var first = ++_sequence;
        WriteBoundary(NftMessages.BatchBegin);
        foreach (var chain in chains)
        {
            NftMessages.WriteChain(_writer, ++_sequence, _family, _name, chain.Name);
        }

        // After all of them, because they may lead from one to another.
        foreach (var chain in chains)
        {
            NftMessages.WriteRules(_writer, ref _sequence, _family, _name, chain);
        }

        WriteBoundary(NftMessages.BatchEnd);
        Commit(first, $"table {_name}: write {chains.Count} chains");
        Drain();
    }

    public void Apply(IReadOnlyList<SetElement> delete, IReadOnlyList<SetElement> add)
    {
        var (deleted, added) = (0, 0);
        var limit = delete.Count == 0 ? AdditionLimit : TransactionLimit;
        while (deleted < delete.Count || added < add.Count)
        {
            _writer.Clear();
            var first = ++_sequence;
            var firstDeleted = deleted;
            var firstAdded = added;
            WriteBoundary(NftMessages.BatchBegin);
            deleted = WriteAll(NftMessages.DeleteSetElements, NetlinkConstants.FlagRequest, delete, deleted, limit, last: added == add.Count);
            if (deleted == delete.Count)
            {
                added = WriteAll(NftMessages.NewSetElements, NetlinkConstants.FlagRequest | NetlinkConstants.FlagCreate, add, added, limit, last: true);
            }

            WriteBoundary(NftMessages.BatchEnd);
            Commit(first, $"table {_name}: change elements ({deleted - firstDeleted} deleted, {added - firstAdded} added)");
        }

        Drain();
    }

    public IReadOnlyList<SetElement>? Read(string set)
    {
        const int attempts = 5;
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            var elements = new List<SetElement>();
            switch (TryDump(set, elements))
            {
                case DumpResult.Complete:
                    return elements;
                case DumpResult.NoSuchSet:
                    return null;
            }
        }

        throw new IOException($"table {_name}: reading {set} was interrupted {attempts} times by changes");
    }

    /// <summary>
    /// The elements of a set that packets fill. What comes and goes while it is read may be missing, or be there twice; null when there is no such set.
    /// </summary>
    public IReadOnlyList<SetElement>? ReadMoving(string set)
    {
        var elements = new List<SetElement>();
        return TryDump(set, elements) == DumpResult.NoSuchSet ? null : elements;
    }

    public IReadOnlyList<SetElement> Find(IReadOnlyCollection<SetElement> elements)
    {
        var found = new List<SetElement>();
        foreach (var some in elements.Chunk(QuestionsAtOnce))
        {
            _writer.Clear();
            var first = _sequence + 1;
            foreach (var element in some)
            {
                NftMessages.WriteGet(_writer, ++_sequence, _family, _name, element);
            }

            _requests.Send(_writer.Written);
            ReadAnswers(first, some, found);
        }

        return found;
    }

    public async Task WaitForForeignChangeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Drain();
            lock (_lock)
            {
                if (!_scriptRuns && (_overrun || _foreign.Count > 0))
                {
                    _overrun = false;
                    _foreign.Clear();
                    return;
                }
            }

            await Task.Delay(NotificationPoll, _time, cancellationToken);
        }
    }

    public void Dispose()
    {
        _requests.Dispose();
        _notifications.Dispose();
    }

    private NetlinkSocket Open(uint groups) => _inside is null
        ? new(NetlinkConstants.ProtocolNetfilter, groups)
        : _inside.Run(() => new NetlinkSocket(NetlinkConstants.ProtocolNetfilter, groups));

    private void WriteBoundary(ushort type)
    {
        _writer.BeginNetfilter(type, NetlinkConstants.FlagRequest, ++_sequence, 0, NftMessages.Subsystem);
        _writer.End();
    }

    // Only the last message of the batch asks for an acknowledgement: it comes when the whole batch is committed.
    private int WriteAll(ushort type, ushort flags, IReadOnlyList<SetElement> elements, int index, int limit, bool last)
    {
        while (index < elements.Count && _writer.Length < limit)
        {
            var start = _writer.Length;
            index = NftMessages.WriteElements(_writer, type, flags, ++_sequence, _family, _name, elements, index);
            if (_writer.Length >= limit || (last && index == elements.Count))
            {
                _writer.SetFlags(start, (ushort)(flags | NetlinkConstants.FlagAck));
            }
        }

        return index;
    }

    private void Commit(uint first, string what)
    {
        _requests.Send(_writer.Written);
        var acknowledged = false;
        while (_requests.Receive(_buffer) is > 0 and var read)
        {
            ReadOnlySpan<byte> data = _buffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                if (header.Type != NetlinkConstants.TypeError || header.Sequence < first || !NetlinkReader.TryReadError(payload, out var errno))
                {
                    continue;
                }

                if (errno != 0)
                {
                    DiscardReplies();
                    throw new NetlinkException(what, errno);
                }

                acknowledged = true;
            }
        }

        if (!acknowledged)
        {
            throw new IOException($"{what}: no acknowledgement from the kernel");
        }
    }

    private void DiscardReplies()
    {
        while (_requests.Receive(_buffer) > 0)
        {
            // Errors of the messages after the first that failed say nothing new.
        }
    }

    private void ReadAnswers(uint first, SetElement[] asked, List<SetElement> found)
    {
        while (_requests.Receive(_buffer) is > 0 and var read)
        {
            ReadOnlySpan<byte> data = _buffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                if (header.Sequence < first)
                {
                    continue;
                }

                var question = asked[header.Sequence - first];
                switch (header.Type)
                {
                    case NetlinkConstants.TypeError when NetlinkReader.TryReadError(payload, out var errno) && errno is not (0 or NetlinkException.NoEntry):
                        DiscardReplies();
                        throw new NetlinkException($"table {_name}: look for an element of {question.Set}", errno);
                    case NftMessages.NewSetElements:
                        found.Add(question);
                        break;
                }
            }
        }
    }

    private DumpResult TryDump(string set, List<SetElement> elements)
    {
        _writer.Clear();
        var sequence = ++_sequence;
        NftMessages.WriteDump(_writer, sequence, _family, _name, set);
        _requests.Send(_writer.Written);
        var interrupted = false;
        while (_requests.Receive(_buffer) is > 0 and var read)
        {
            ReadOnlySpan<byte> data = _buffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                if (header.Sequence != sequence)
                {
                    continue;
                }

                interrupted |= (header.Flags & NetlinkConstants.FlagDumpInterrupted) != 0;
                switch (header.Type)
                {
                    case NetlinkConstants.TypeDone:
                        return interrupted ? DumpResult.Interrupted : DumpResult.Complete;
                    case NetlinkConstants.TypeError when NetlinkReader.TryReadError(payload, out var errno) && errno != 0:
                        return errno == NetlinkException.NoEntry
                            ? DumpResult.NoSuchSet
                            : throw new NetlinkException($"table {_name}: read {set}", errno);
                    case NftMessages.NewSetElements when !NftMessages.TryReadElements(payload, set, elements):
                        throw new IOException($"table {_name}: read {set}: malformed answer from the kernel");
                }
            }
        }

        return DumpResult.Interrupted;
    }

    private void Drain()
    {
        lock (_lock)
        {
            if (!_scriptRuns)
            {
                DrainLocked();
            }
        }
    }

    private void BeginScript()
    {
        lock (_lock)
        {
            DrainLocked();
            _scriptRuns = true;
        }
    }

    // A script runs in a process whose port id is not known beforehand: if only one stranger touched the table meanwhile, it was the script.
    // So nobody else may take notifications while it runs.
    private void EndScript()
    {
        lock (_lock)
        {
            var before = _foreign.ToArray();
            _foreign.Clear();
            DrainLocked();
            if (_foreign.Count <= 1)
            {
                _foreign.Clear();
            }

            _foreign.UnionWith(before);
            _scriptRuns = false;
        }
    }

    private void DrainLocked()
    {
        while (true)
        {
            int read;
            try
            {
                read = _notifications.Receive(_notificationBuffer);
            }
            catch (NetlinkException lost) when (lost.Errno == NetlinkException.NoBuffers)
            {
                _overrun = true;
                continue;
            }

            if (read == 0)
            {
                return;
            }

            ReadOnlySpan<byte> data = _notificationBuffer.AsSpan(0, read);
            while (NetlinkReader.TryReadMessage(ref data, out var header, out var payload))
            {
                if (NftMessages.IsAbout(header, payload, _family, _nameBytes))
                {
                    _foreign.Add(header.PortId);
                }
            }
        }
    }

    private enum DumpResult
    {
        Complete,
        Interrupted,
        NoSuchSet,
    }
}
