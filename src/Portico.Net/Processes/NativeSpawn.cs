using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Portico.Net.Interop;

namespace Portico.Net.Processes;

/// <summary>A <see cref="Spawn"/> as posix_spawn(3) wants it: everything is allocated before, so that starting is one call.</summary>
internal sealed unsafe class NativeSpawn : IDisposable
{
    // glibc's types have 336, 80 and 128 bytes; musl's are no larger.
    private const int TypeSize = 512;

    private readonly List<nint> _owned = [];
    private readonly string _program;
    private readonly byte* _path;
    private readonly byte** _arguments;
    private readonly byte** _environment;
    private readonly void* _actions;
    private readonly void* _attributes;

    public NativeSpawn(Spawn spawn)
    {
        _program = spawn.Program;
        _path = Text(spawn.Program);
        _arguments = Vector([spawn.Program, .. spawn.Arguments]);
        _environment = Vector(spawn.Environment);
        _actions = Zeroed();
        _attributes = Zeroed();
        _ = LibC.posix_spawn_file_actions_init(_actions);
        _ = LibC.posix_spawnattr_init(_attributes);
        for (var i = 0; i < spawn.Handles.Count; i++)
        {
            _ = LibC.posix_spawn_file_actions_adddup2(_actions, (int)spawn.Handles[i].DangerousGetHandle(), i);
        }

        if (spawn.WorkingDirectory is { } directory)
        {
            _ = LibC.posix_spawn_file_actions_addchdir_np(_actions, Text(directory));
        }

        // The runtime ignores SIGPIPE and blocks signals on some threads; a program expects neither.
        var all = Zeroed();
        NativeMemory.Fill(all, 128, 0xff);
        _ = LibC.posix_spawnattr_setsigdefault(_attributes, all);
        _ = LibC.posix_spawnattr_setsigmask(_attributes, Zeroed());
        _ = LibC.posix_spawnattr_setflags(
            _attributes, LibC.PosixSpawnSetSid | LibC.PosixSpawnSetSigDef | LibC.PosixSpawnSetSigMask);
    }

    /// <summary>Starts in the namespaces of the calling thread.</summary>
    /// <param name="error">errno; 0 when it was started.</param>
    public int Start(out int error)
    {
        var pid = 0;
        error = LibC.posix_spawn(&pid, _path, _actions, _attributes, _arguments, _environment);
        return pid;
    }

    public IOException Failure(int error) => new($"start {_program}: {new Win32Exception(error).Message}");

    public void Dispose()
    {
        _ = LibC.posix_spawn_file_actions_destroy(_actions);
        _ = LibC.posix_spawnattr_destroy(_attributes);
        foreach (var memory in _owned)
        {
            NativeMemory.Free((void*)memory);
        }
    }

    private void* Zeroed() => Own(NativeMemory.AllocZeroed(TypeSize));

    private byte* Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var memory = (byte*)Own(NativeMemory.AllocZeroed((nuint)length + 1));
        Encoding.UTF8.GetBytes(text, new Span<byte>(memory, length));
        return memory;
    }

    private byte** Vector(IReadOnlyList<string> items)
    {
        var vector = (byte**)Own(NativeMemory.AllocZeroed((nuint)(items.Count + 1) * (nuint)sizeof(byte*)));
        for (var i = 0; i < items.Count; i++)
        {
            vector[i] = Text(items[i]);
        }

        return vector;
    }

    private void* Own(void* memory)
    {
        _owned.Add((nint)memory);
        return memory;
    }
}
