using System.Net;
using System.Text;
using Portico.Net.ProxyProtocol;

namespace Portico.Net.Tests.ProxyProtocol;

public sealed class ProxyHeaderTests
{
    [Theory]
    [InlineData("192.168.0.1:56324", "192.168.0.11:443", "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n")]
    [InlineData("[2001:db8::1]:56324", "[2001:db8::2]:443", "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n")]
    public void WriteVersion1_Connection_LineOfTheSpecification(string client, string destination, string expected)
    {
        var buffer = new byte[ProxyHeader.MaximumLength];
        var length = ProxyHeader.WriteVersion1(IPEndPoint.Parse(client), IPEndPoint.Parse(destination), buffer);
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, length));
    }

    [Theory]
    [InlineData("192.168.0.1:56324", "192.168.0.11:443", "0D0A0D0A000D0A515549540A2111000CC0A80001C0A8000BDC0401BB")]
    [InlineData("[2001:db8::1]:56324", "[2001:db8::2]:443", "0D0A0D0A000D0A515549540A2121002420010DB800000000000000000000000120010DB8000000000000000000000002DC0401BB")]
    public void WriteVersion2_Connection_BytesOfTheSpecification(string client, string destination, string expected)
    {
        var buffer = new byte[ProxyHeader.MaximumLength];
        var length = ProxyHeader.WriteVersion2(IPEndPoint.Parse(client), IPEndPoint.Parse(destination), buffer);
        Assert.Equal(expected, Convert.ToHexString(buffer, 0, length));
    }
}
