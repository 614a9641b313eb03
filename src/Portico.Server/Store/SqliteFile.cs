using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portico.Server.Store;

/// <summary>The store's file. Held exclusively, so that no second server can write the same objects.</summary>
internal sealed class SqliteFile : IObjectFile
{
    private const int SchemaVersion = 1;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _rollback;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _remove;
    private readonly SqliteCommand _revision;

    private SqliteFile(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _put = Command(
            "INSERT INTO objects (resource, namespace, name, revision, value) VALUES ($1, $2, $3, $4, $5) "
            + "ON CONFLICT (resource, namespace, name) DO UPDATE SET revision = excluded.revision, value = excluded.value",
            5);
        _remove = Command("DELETE FROM objects WHERE resource = $1 AND namespace = $2 AND name = $3", 3);
        _revision = Command("UPDATE store SET revision = $1", 1);
    }

    /// <summary>Opens or makes the file.</summary>
    /// <exception cref="IOException">It can't be; the message names the file and says why.</exception>
    public static SqliteFile Open(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                // Secrets are in it. SQLite gives its side files the same mode.
                using var made = new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }

            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
            try
            {
                connection.Open();
                Prepare(connection, path);
                return new(connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
        catch (SqliteException error) when (error.SqliteErrorCode is SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED)
        {
            throw new IOException($"store {path}: another process has it open", error);
        }
        catch (Exception error) when (error is SqliteException or UnauthorizedAccessException)
        {
            throw new IOException($"store {path}: {error.Message}", error);
        }
    }

    public (long Revision, IReadOnlyList<StoredObject> Objects) Load()
    {
        var objects = new List<StoredObject>();
        using var select = Command("SELECT resource, namespace, name, revision, value FROM objects");
        using (var reader = select.ExecuteReader())
        {
            while (reader.Read())
            {
                var key = new StoreKey(string.Intern(reader.GetString(0)), string.Intern(reader.GetString(1)), reader.GetString(2));
                objects.Add(new(key, reader.GetInt64(3), reader.GetFieldValue<byte[]>(4)));
            }
        }

        using var revision = Command("SELECT revision FROM store");
        return ((long)revision.ExecuteScalar()!, objects);
    }

    public void Append(IReadOnlyList<StoreChange> changes)
    {
        try
        {
            _begin.ExecuteNonQuery();
            foreach (var change in changes)
            {
                if (change.After is { } item)
                {
                    Run(_put, item.Key.Resource, item.Key.Namespace, item.Key.Name, item.Revision, item.Json);
                }
                else
                {
                    var key = change.Before!.Key;
                    Run(_remove, key.Resource, key.Namespace, key.Name);
                }
            }

            Run(_revision, changes[^1].Revision);
            _commit.ExecuteNonQuery();
        }
        catch (SqliteException error)
        {
            RollBack();
            throw new IOException($"store {_connection.DataSource}: {Explain(error)}", error);
        }
    }

    public void Dispose()
    {
        foreach (var command in (ReadOnlySpan<SqliteCommand>)[_begin, _commit, _rollback, _put, _remove, _revision])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private static void Prepare(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        // Exclusive locking before WAL: no shared-memory file, and a second server is refused.
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;";
        command.ExecuteNonQuery();
        command.CommandText = "PRAGMA user_version";
        var version = (long)command.ExecuteScalar()!;
        if (version > SchemaVersion)
        {
            throw new IOException($"store {path}: it has format {version}, this program reads up to {SchemaVersion}");
        }

        command.CommandText = $"""
            BEGIN IMMEDIATE;
            CREATE TABLE IF NOT EXISTS objects (
              resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL, value BLOB NOT NULL,
              PRIMARY KEY (resource, namespace, name));
            CREATE TABLE IF NOT EXISTS store (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
            INSERT INTO store (id, revision) VALUES (1, 0) ON CONFLICT DO NOTHING;
            PRAGMA user_version = {SchemaVersion.ToString(CultureInfo.InvariantCulture)};
            COMMIT;
            """;
        command.ExecuteNonQuery();
    }

    private static string Explain(SqliteException error) => error.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_FULL => "the disk is full; free space and try again",
        SQLitePCL.raw.SQLITE_READONLY => "the directory or file is not writable",
        SQLitePCL.raw.SQLITE_IOERR => $"the disk failed ({error.Message})",
        _ => error.Message,
    };

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private void RollBack()
    {
        // A full disk may have ended the transaction already.
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) != 0)
        {
            return;
        }

        try
        {
            _rollback.ExecuteNonQuery();
        }
        catch (SqliteException)
        {
            // The first error is the one to report; BEGIN fails as long as this transaction hangs, and so does every write.
        }
    }

    private SqliteCommand Command(string text, int parameters = 0)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        for (var i = 1; i <= parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i.ToString(CultureInfo.InvariantCulture) });
        }

        return command;
    }
}
