namespace Portico.Net.Namespaces;

/// <summary>A thread that ends with its work, so that the namespaces it went to never leak into the thread pool.</summary>
internal static class NamespaceThread
{
    public static T Run<T>(Func<T> action)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = action();
            }
#pragma warning disable CA1031 // Carried over to the caller's thread.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new IOException(failure.Message, failure);
    }
}
