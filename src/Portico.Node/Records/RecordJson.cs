using System.Text.Json.Serialization;

namespace Portico.Node.Records;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PodRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
