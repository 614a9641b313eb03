using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Portico.Proxy.Tests.Kernel;

/// <summary>Keeps what was logged, for failures of tests and for what only the log tells.</summary>
internal sealed class CollectedLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception?.Message}");

    public override string ToString() => string.Join('\n', _lines);

    public void Dispose()
    {
    }
}
