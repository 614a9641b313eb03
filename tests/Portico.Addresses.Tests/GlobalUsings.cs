global using Portico.Net.Packets;
