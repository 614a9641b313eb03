using System.Text;

namespace Portico.Api.Tests.OpenApi;

/// <summary>A message read back by its wire form alone.</summary>
internal sealed class ProtobufReader
{
    private readonly List<(int Field, byte[] Bytes)> _fields = [];

    public static ProtobufReader Read(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtobufReader();
        while (!bytes.IsEmpty)
        {
            var tag = Number(ref bytes);
            var value = Number(ref bytes);
            switch (tag & 7)
            {
                case 0:
                    message._fields.Add(((int)(tag >> 3), [(byte)value]));
                    break;
                case 2:
                    message._fields.Add(((int)(tag >> 3), bytes[..(int)value].ToArray()));
                    bytes = bytes[(int)value..];
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }

        return message;
    }

    public bool Has(int field) => _fields.Exists(item => item.Field == field);

    public string Text(int field) => Texts(field).Single();

    public IEnumerable<string> Texts(int field) => _fields.Where(item => item.Field == field).Select(item => Encoding.UTF8.GetString(item.Bytes));

    public ProtobufReader Message(int field) => Messages(field).Single();

    public IEnumerable<ProtobufReader> Messages(int field) => _fields.Where(item => item.Field == field).Select(item => Read(item.Bytes));

    private static uint Number(ref ReadOnlySpan<byte> bytes)
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (uint)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }
}
