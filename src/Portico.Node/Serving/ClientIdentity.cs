using System.Security.Cryptography.X509Certificates;

namespace Portico.Node.Serving;

/// <summary>Who presents a client certificate. That it is signed by the cluster's authority was checked in the handshake.</summary>
internal static class ClientIdentity
{
    private const string CommonName = "2.5.4.3"; // RFC 4519, section 2.3
    private const string Organization = "2.5.4.10"; // RFC 4519, section 2.19; Kubernetes' groups

    /// <summary>The API server, or an administrator.</summary>
    public static bool MayAsk(X509Certificate2? certificate)
    {
        foreach (var name in certificate?.SubjectName.EnumerateRelativeDistinguishedNames() ?? [])
        {
            if (!name.HasMultipleElements && (name.GetSingleElementType().Value, name.GetSingleElementValue())
                is (CommonName, "kube-apiserver" or "kube-apiserver-kubelet-client") or (Organization, "system:masters"))
            {
                return true;
            }
        }

        return false;
    }
}
