using System.Text.Json.Nodes;
using Portico.Api.Kinds;
using Portico.Api.Statuses;
using Portico.Server.Admission;
using Portico.Server.Answers;
using Portico.Server.Requests;
using Portico.Server.Store;

namespace Portico.Server.Allocation;

/// <summary>
/// Gives Services their cluster IPs and node ports. What a write takes anew is taken before it is stored and given back when
/// it is not; what it no longer has is given back once it is stored. The writes of one Service come one at a time.
/// </summary>
internal sealed class ServiceAdmission : IAdmission
{
    private readonly ServiceNetwork _network;
    private readonly NumberPool _addresses;
    private readonly NumberPool _ports;

    public ServiceAdmission(ApiServerOptions options, IObjectStore store, Random random)
    {
        _network = ServiceNetwork.Parse(options.ServiceCidr);
        var (first, last) = (1, _network.Size - 2);
        // Never unasked: .1 belongs to the API itself, .10 is where pods look for DNS.
        _addresses = new(first, last, Math.Clamp(_network.Size / 16, 16, 256), random, 1, 10);
        var ports = options.NodePortMax - options.NodePortMin + 1;
        _ports = new(options.NodePortMin, options.NodePortMax, ports < 128 ? ports / 2 : Math.Clamp(ports / 32, 16, 128), random);
        foreach (var stored in store.List("services")!.In(""))
        {
            var service = stored.Parse();
            if (ServiceFields.ClusterIp(service) is { } address && _network.TryOffset(address, out var offset))
            {
                _addresses.TryTake(offset);
            }

            foreach (var port in ServiceFields.NodePorts(service))
            {
                _ports.TryTake(port);
            }
        }
    }

    /// <summary>Cluster IP of the <c>kubernetes</c> Service.</summary>
    public string FirstAddress => _network.Address(1);

    public Status? Admit(AdmissionWrite write)
    {
        if (write.Request.Subresource.Length > 0)
        {
            return null;
        }

        return AdmitAddress(write) ?? AdmitPorts(write);
    }

    public void Removed(JsonObject last)
    {
        if (ServiceFields.ClusterIp(last) is { } address && _network.TryOffset(address, out var offset))
        {
            _addresses.Release(offset);
        }

        foreach (var port in ServiceFields.NodePorts(last))
        {
            _ports.Release(port);
        }
    }

    private static Status Invalid(AdmissionWrite write, string field, string value, string why) => Refusal.Invalid(
        KnownKinds.Services.Resource,
        write.Object.Text("metadata", "name") ?? "",
        [new() { Reason = "FieldValueInvalid", Field = field, Message = $"Invalid value: {value}: {why}" }]);

    private static void SetFamily(JsonObject spec)
    {
        if (spec["ipFamilies"].IsEmptyList())
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        if (spec.Text("ipFamilyPolicy") is null)
        {
            spec["ipFamilyPolicy"] = "SingleStack";
        }
    }

    private Status? AdmitAddress(AdmissionWrite write)
    {
        var (service, spec) = (write.Object, write.Object.Child("spec"));
        var (wanted, had) = (ServiceFields.ClusterIp(service), ServiceFields.ClusterIp(write.Old));
        if (ServiceFields.Type(service) == "ExternalName")
        {
            Release(write, had);
            return null;
        }

        SetFamily(spec);
        if (wanted == "None")
        {
            (spec["clusterIP"], spec["clusterIPs"]) = ("None", new JsonArray("None"));
            return null;
        }

        if (wanted is not null && wanted == had)
        {
            (spec["clusterIP"], spec["clusterIPs"]) = (wanted, spec["clusterIPs"].IsEmptyList() ? new JsonArray(wanted) : spec["clusterIPs"]!.DeepClone());
            return null;
        }

        if (had is not null && had != "None" && ServiceFields.Type(write.Old) != "ExternalName")
        {
            // Immutable; validation says so in upstream's words.
            return null;
        }

        int offset;
        if (wanted is not null)
        {
            if (!_network.TryOffset(wanted, out offset))
            {
                return Invalid(
                    write, "spec.clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: the provided IP is not in the valid range. The range of valid IPs is {_network.Text}");
            }

            if (!_addresses.TryTake(offset))
            {
                return Invalid(write, "spec.clusterIPs", $"[\"{wanted}\"]", $"failed to allocate IP {wanted}: provided IP is already allocated");
            }
        }
        else if (_addresses.TakeAny() is { } free)
        {
            offset = free;
        }
        else
        {
            return Refusal.InternalError($"failed to allocate a serviceIP: range {_network.Text} is full");
        }

        write.WhenSettled(done =>
        {
            if (!done)
            {
                _addresses.Release(offset);
            }
        });
        var address = _network.Address(offset);
        (spec["clusterIP"], spec["clusterIPs"]) = (address, new JsonArray(address));
        return null;
    }

    private void Release(AdmissionWrite write, string? address)
    {
        if (address is not null && _network.TryOffset(address, out var offset))
        {
            write.WhenSettled(done =>
            {
                if (done)
                {
                    _addresses.Release(offset);
                }
            });
        }
    }

    private Status? AdmitPorts(AdmissionWrite write)
    {
        var service = write.Object;
        var owned = ServiceFields.NodePorts(write.Old);
        var taken = new HashSet<int>();
        write.WhenSettled(done => ReleasePorts(done ? owned.Except(ServiceFields.NodePorts(service)) : taken));
        if (!ServiceFields.NeedsNodePorts(service))
        {
            return null;
        }

        var ports = ServiceFields.Ports(service).ToList();
        for (var i = 0; i < ports.Count; i++)
        {
            if (ServiceFields.NodePort(ports[i]) is not 0 and var number && !Take(number, owned, taken))
            {
                return Invalid(write, $"spec.ports[{i}].nodePort", $"{number}", WhyNot(number));
            }
        }

        if (ServiceFields.AllocatesNodePorts(service) && FillPorts(ports, taken) is { } full)
        {
            return full;
        }

        return AdmitHealthCheckPort(write, owned, taken);
    }

    private Status? FillPorts(List<JsonObject> ports, HashSet<int> taken)
    {
        foreach (var port in ports)
        {
            if (ServiceFields.NodePort(port) != 0)
            {
                continue;
            }

            // TCP and UDP of one port share a node port when they can, as for DNS.
            var twin = ports.FirstOrDefault(other =>
                ServiceFields.NodePort(other) != 0 && other.Number("port") == port.Number("port")
                && other.Text("protocol") != port.Text("protocol")
                && !ports.Any(third => ServiceFields.NodePort(third) == ServiceFields.NodePort(other) && third.Text("protocol") == port.Text("protocol")));
            if (twin is not null)
            {
                port["nodePort"] = ServiceFields.NodePort(twin);
            }
            else if (_ports.TakeAny() is { } free)
            {
                taken.Add(free);
                port["nodePort"] = free;
            }
            else
            {
                return Refusal.InternalError($"failed to allocate a nodePort: range {_ports.Min}-{_ports.Max} is full");
            }
        }

        return null;
    }

    private Status? AdmitHealthCheckPort(AdmissionWrite write, HashSet<int> owned, HashSet<int> taken)
    {
        var service = write.Object;
        if (!ServiceFields.NeedsHealthCheckNodePort(service))
        {
            return null;
        }

        if (ServiceFields.HealthCheckNodePort(service) is not 0 and var number)
        {
            return Take(number, owned, taken) ? null : Invalid(write, "spec.healthCheckNodePort", $"{number}", WhyNot(number));
        }

        if (_ports.TakeAny() is not { } free)
        {
            return Refusal.InternalError($"failed to allocate a healthCheckNodePort: range {_ports.Min}-{_ports.Max} is full");
        }

        taken.Add(free);
        service.Child("spec")["healthCheckNodePort"] = free;
        return null;
    }

    private string WhyNot(int number) => _ports.Contains(number)
        ? "provided port is already allocated"
        : $"provided port is not in the valid range. The range of valid ports is {_ports.Min}-{_ports.Max}";

    /// <summary>True when the Service has the port already or it is free, and then the Service's.</summary>
    private bool Take(int number, HashSet<int> owned, HashSet<int> taken)
    {
        if (owned.Contains(number) || taken.Contains(number))
        {
            return true;
        }

        return _ports.Contains(number) && _ports.TryTake(number) && taken.Add(number);
    }

    private void ReleasePorts(IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
        {
            _ports.Release(number);
        }
    }
}
