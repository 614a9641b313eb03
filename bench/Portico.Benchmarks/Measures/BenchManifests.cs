namespace Portico.Benchmarks.Measures;

/// <summary>What the measurements apply to a cluster.</summary>
internal static class BenchManifests
{
    public const string Namespace = "bench";
    public const string Host = "bench.example";

    /// <summary>Echo pods behind a LoadBalancer Service and an Ingress host of their own: <c>NAME.bench.example</c>.</summary>
    public static string Echo(string name, int replicas) =>
        $$"""
        apiVersion: v1
        kind: Namespace
        metadata: { name: {{Namespace}} }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}}, namespace: {{Namespace}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{name}} } }
          strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 10
              containers:
                - name: echo
                  image: portico.dev/echo:1
                  ports: [ { name: http, containerPort: 8080 } ]
                  env: [ { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } } ]
                  readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1 }
        {{Exposed(name, "LoadBalancer")}}
        ---
        {{Ingress(name, ["/"])}}
        """;

    public static string Ingress(string name, IEnumerable<string> paths) =>
        $$"""
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: {{name}}, namespace: {{Namespace}} }
        spec:
          rules:
            - host: {{name}}.{{Host}}
              http:
                paths:
        {{string.Join('\n', paths.Select(path =>
            $"          - {{ path: {path}, pathType: Exact, backend: {{ service: {{ name: {name}, port: {{ name: http }} }} }} }}"))}}
        """;

    /// <summary>A program of the machine in <paramref name="replicas"/> pods, listening on 8080.</summary>
    public static string Program(string name, int replicas, string shell, string type) =>
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}}, namespace: {{Namespace}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{name}} } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: program
                  image: host
                  command: [ "sh", "-c", {{'"'}}{{shell}}{{'"'}} ]
                  ports: [ { name: http, containerPort: 8080 } ]
                  readinessProbe: { tcpSocket: { port: http }, periodSeconds: 1 }
        {{Exposed(name, type)}}
        """;

    private static string Exposed(string name, string type) =>
        $$"""
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: {{name}}, namespace: {{Namespace}} }
        spec:
          type: {{type}}
          selector: { app: {{name}} }
          ports: [ { name: http, port: 80, targetPort: http } ]
        """;
}
