namespace Portico.Api.OpenApi;

/// <summary>What differs between the two versions of OpenAPI for us.</summary>
internal enum OpenApiDialect
{
    V2,
    V3,
}
