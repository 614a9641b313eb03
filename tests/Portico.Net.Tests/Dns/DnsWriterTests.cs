using System.Buffers.Binary;
using System.Net;
using Portico.Net.Dns;

namespace Portico.Net.Tests.Dns;

public sealed class DnsWriterTests
{
    private static readonly byte[] Query = Convert.FromHexString("000101000001000000000000" + "03576562" + "0473686f70" + "00" + "00010001");

    [Fact]
    public void Write_OneAddress_IsCompressedAndKeepsTheCaseOfTheQuestion()
    {
        var answer = new DnsAnswer { IsAuthoritative = true, Answers = [Address("web.shop", "10.96.0.7")] };
        Assert.Equal(
            "000185000001000100000000" + "03576562" + "0473686F70" + "00" + "00010001" + "C00C" + "00010001" + "00000005" + "0004" + "0A600007",
            Convert.ToHexString(Write(answer, 512)));
    }

    [Fact]
    public void Write_MoreThanFits_IsTruncatedAtAWholeRecord()
    {
        var answer = new DnsAnswer { Answers = [.. Enumerable.Range(0, 200).Select(i => Address($"host-{i}.web.shop", "10.0.0.1"))] };
        var bytes = Write(answer, 512);
        Assert.InRange(bytes.Length, 480, 512);
        Assert.Equal(0x0200, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2)) & 0x0200);
        var count = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(6));
        Assert.Equal(count, Read(bytes).Count);
        Assert.Equal($"host-{count - 1}.Web.shop", Read(bytes)[^1]);
    }

    [Fact]
    public void Write_LargeLimit_HasEveryRecordWithItsName()
    {
        var answer = new DnsAnswer { Answers = [.. Enumerable.Range(0, 2000).Select(i => Address($"host-{i}.web.shop", "10.0.0.1"))] };
        var bytes = Write(answer, ushort.MaxValue);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"host-{i}.Web.shop"), Read(bytes));
    }

    private static byte[] Write(DnsAnswer answer, int limit)
    {
        Assert.True(DnsQuery.TryRead(Query, out var query));
        var target = new byte[limit];
        return target[..DnsWriter.Write(query, Query, answer, recursionAvailable: false, target, limit)];
    }

    private static List<string> Read(byte[] message)
    {
        var position = Query.Length;
        var names = new List<string>();
        while (position < message.Length)
        {
            Assert.True(DnsName.TryRead(message, ref position, out var name));
            names.Add(name);
            position += 10 + BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(position + 8));
        }

        return names;
    }

    private static DnsRecord Address(string name, string address) => new(name, DnsType.A, 5) { Address = IPAddress.Parse(address) };
}
