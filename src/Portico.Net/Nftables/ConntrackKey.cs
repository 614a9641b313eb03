namespace Portico.Net.Nftables;

/// <summary>What a rule can load of a connection. Numbers of enum nft_ct_keys.</summary>
public enum ConntrackKey
{
    DestinationPort = 12, // NFT_CT_PROTO_DST
    SourceIPv4 = 19, // NFT_CT_SRC_IP
    DestinationIPv4 = 20, // NFT_CT_DST_IP
    SourceIPv6 = 21, // NFT_CT_SRC_IP6
    DestinationIPv6 = 22, // NFT_CT_DST_IP6
}
