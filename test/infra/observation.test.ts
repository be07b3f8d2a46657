import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesUnder, HOUSE } from '../house/tree.ts';
import { composeFile, readText, readYaml } from './compose-file.ts';

const compose = composeFile();

test('every YAML and JSON file of the infrastructure parses', () => {
  const files = filesUnder(HOUSE).filter((path) => path.startsWith('infra/'));
  for (const path of files.filter((one) => /\.ya?ml$/.test(one))) assert.ok(readYaml(path), path);
  for (const path of files.filter((one) => one.endsWith('.json')))
    assert.ok(JSON.parse(readText(path)), path);
  assert.ok(files.length > 10);
});

interface PrometheusFile {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly {
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
  }[];
}

const mountsOf = (service: string) =>
  (compose.services[service]?.volumes ?? []).map((volume) => volume.split(':')[1]);

test('Prometheus scrapes every gateway on its operations port, and only services that exist', () => {
  const { scrape_configs, rule_files } = readYaml('infra/prometheus.yml') as PrometheusFile;
  const targets = scrape_configs.flatMap((one) => one.static_configs.flatMap((group) => group.targets));
  const port = compose.services['gateway-a']?.environment?.STEWARDGATE_OPERATIONS_PORT;
  for (const gateway of ['gateway-a', 'gateway-b']) assert.ok(targets.includes(`${gateway}:${port}`));
  for (const target of targets) {
    const host = target.split(':')[0] ?? '';
    assert.ok(host === 'localhost' || Object.hasOwn(compose.services, host), target);
  }
  for (const file of rule_files) assert.ok(mountsOf('prometheus').includes(file), file);
});

const CREATED = /(?:createCounter|createHistogram|timed)\(\s*'([a-z0-9_.]+)'/g;

/** Names of the gateway's own instruments, from its source, as the Prometheus exporter writes them. */
function ownMetrics(): readonly string[] {
  const sources = filesUnder(HOUSE).filter((path) => path.startsWith('gateway/') && path.endsWith('.ts'));
  const created = sources.flatMap((path) =>
    [...readText(path).matchAll(CREATED)].map(([, name = '']) => name),
  );
  return created.map((name) => name.replaceAll('.', '_'));
}

/** Of the HTTP instrumentation, the balancer, and Prometheus itself. */
const OTHERS = ['http_server_request_duration', 'haproxy_backend_active_servers', 'up'];
const METRICS = new Set([...OTHERS, ...ownMetrics()]);

const isExposed = (name: string): boolean =>
  METRICS.has(name) || METRICS.has(name.replace(/_(bucket|count|sum|total)$/, ''));

test('the instruments that dashboards live on exist in the gateway', () => {
  for (const name of ['requests', 'decisions', 'redactions', 'audit_commit_duration']) {
    assert.ok(METRICS.has(`stewardgate_${name}`), name);
  }
});

const WORDS_OF_PROMQL = new Set([
  'sum',
  'rate',
  'increase',
  'by',
  'le',
  'histogram_quantile',
  'and',
  'offset',
]);

/** Names in an expression that are neither PromQL's words nor inside braces, brackets, strings or a `by` list. */
function metricsIn(expression: string): readonly string[] {
  const bare = expression.replace(/\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)|\b\d[\w.]*/g, ' ');
  return [...bare.matchAll(/[a-z_][a-z0-9_]*/g)]
    .map(([name]) => name)
    .filter((name) => !WORDS_OF_PROMQL.has(name));
}

function judge(expression: string, where: string): void {
  const count = (mark: string) => expression.split(mark).length - 1;
  assert.equal(count('('), count(')'), where);
  assert.equal(count('{'), count('}'), where);
  const metrics = metricsIn(expression);
  assert.ok(metrics.length > 0, where);
  for (const metric of metrics) assert.ok(isExposed(metric), `${where}: ${metric}`);
}

interface AlertFile {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
}

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

test('every alert reads metrics that exist, and says how bad it is, what it means and what to do', () => {
  const rules = (readYaml('infra/alerts.yml') as AlertFile).groups.flatMap((group) => group.rules);
  assert.equal(new Set(rules.map((rule) => rule.alert)).size, rules.length);
  for (const { alert, expr, labels, annotations } of rules) {
    judge(expr, alert);
    assert.ok(['critical', 'warning'].includes(labels.severity), alert);
    assert.ok(annotations.summary.length > 20 && annotations.action.length > 20, alert);
  }
});

interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

interface Provisioning {
  readonly datasources: readonly { readonly uid: string; readonly url: string }[];
  readonly providers: readonly { readonly options: { readonly path: string } }[];
}

test('every panel of the dashboard reads metrics that exist from the provisioned source', () => {
  const { panels } = JSON.parse(readText('infra/grafana/dashboards/stewardgate.json')) as Dashboard;
  const { datasources } = readYaml('infra/grafana/provisioning/datasources/prometheus.yaml') as Provisioning;
  assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
  for (const { title, datasource, targets } of panels) {
    assert.equal(datasource.uid, datasources[0]?.uid, title);
    for (const { expr } of targets) judge(expr, title);
  }
  assert.equal(datasources[0]?.url, 'http://prometheus:9090');
});

test('Grafana looks for dashboards where they are mounted', () => {
  const { providers } = readYaml('infra/grafana/provisioning/dashboards/stewardgate.yaml') as Provisioning;
  for (const { options } of providers) assert.ok(mountsOf('grafana').includes(options.path));
});

test('an expression with a metric that nobody exposes is refused', () => {
  assert.throws(
    () => judge('sum(rate(stewardgate_unheard_of_total[5m]))', 'planted'),
    /stewardgate_unheard_of_total/,
  );
  assert.throws(() => judge('sum(rate(up[5m])', 'planted'));
});

interface Collector {
  readonly receivers: {
    readonly otlp: { readonly protocols: { readonly http: { readonly endpoint: string } } };
  };
  readonly processors: Readonly<
    Record<string, { readonly actions?: readonly { key: string; action: string }[] }>
  >;
  readonly exporters: Readonly<Record<string, unknown>>;
  readonly service: {
    readonly pipelines: Readonly<
      Record<string, Readonly<Record<'receivers' | 'processors' | 'exporters', string[]>>>
    >;
  };
}

test('the collector listens where the gateways send, and its pipelines name parts that are configured', () => {
  const collector = readYaml('infra/otel-collector.yaml') as Collector;
  const endpoint = compose.services['gateway-a']?.environment?.OTEL_EXPORTER_OTLP_ENDPOINT;
  assert.equal(
    endpoint,
    `http://otel-collector:${collector.receivers.otlp.protocols.http.endpoint.split(':')[1]}`,
  );
  for (const pipeline of Object.values(collector.service.pipelines)) {
    for (const part of ['receivers', 'processors', 'exporters'] as const) {
      for (const name of pipeline[part]) assert.ok(Object.hasOwn(collector[part], name), name);
    }
  }
});

test('the collector drops content and credentials from every trace before it is batched', () => {
  const { processors, service } = readYaml('infra/otel-collector.yaml') as Collector;
  const dropped = processors['attributes/no-content']?.actions ?? [];
  for (const key of [
    'gen_ai.input.messages',
    'gen_ai.output.messages',
    'http.request.header.authorization',
  ]) {
    assert.ok(
      dropped.some((one) => one.key === key && one.action === 'delete'),
      key,
    );
  }
  const order = service.pipelines.traces?.processors ?? [];
  assert.ok(order.indexOf('attributes/no-content') >= 0);
  assert.ok(order.indexOf('attributes/no-content') < order.indexOf('batch'));
});
