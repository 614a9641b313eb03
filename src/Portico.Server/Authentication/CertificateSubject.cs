using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Portico.Server.Authentication;

/// <summary>Reads a user out of a certificate's subject: CN is the name, each O a group.</summary>
internal static class CertificateSubject
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    /// <summary>Null when there is no CN.</summary>
    public static UserInfo? Read(X500DistinguishedName subject)
    {
        string? name = null;
        var groups = new List<string>();
        var sequence = new AsnReader(subject.RawData, AsnEncodingRules.DER).ReadSequence();
        while (sequence.HasData)
        {
            // Go writes all its O values into one set, others a set for each.
            var set = sequence.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                var attribute = set.ReadSequence();
                var type = attribute.ReadObjectIdentifier();
                if (type is not (CommonName or Organization))
                {
                    continue;
                }

                var value = attribute.ReadCharacterString((UniversalTagNumber)attribute.PeekTag().TagValue);
                if (type == CommonName)
                {
                    name = value;
                }
                else
                {
                    groups.Add(value);
                }
            }
        }

        return string.IsNullOrEmpty(name) ? null : new(name, [.. groups, UserGroups.Authenticated]);
    }
}
