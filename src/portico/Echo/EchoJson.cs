using System.Text.Json.Serialization;

namespace Portico.Cli.Echo;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(EchoAnswer), GenerationMode = JsonSourceGenerationMode.Metadata)]
internal sealed partial class EchoJson : JsonSerializerContext;
