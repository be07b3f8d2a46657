import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig, SETTINGS } from '../../gateway/config.ts';
import { HOUSE } from '../house/tree.ts';
import { composeFile, networksOf, readText } from './compose-file.ts';

const compose = composeFile();
const services = Object.entries(compose.services);
const gateways = services.filter(([name]) => name.startsWith('gateway-'));
const manifest = JSON.parse(readText('package.json')) as { version: string };

test('the composition has two gateways and everything they lean on, and no name of its own', () => {
  assert.deepEqual(Object.keys(compose.services).sort(), [
    'balancer',
    'gateway-a',
    'gateway-b',
    'grafana',
    'otel-collector',
    'postgres',
    'prometheus',
    'redis',
  ]);
  assert.ok(!Object.hasOwn(compose, 'name'));
});

const PINNED = /^[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?(-[a-z0-9]+)*$/;

test('every image is pinned by version, and the gateway by its own', () => {
  for (const [name, { image }] of services) assert.match(image, PINNED, name);
  for (const [, { image }] of gateways) assert.equal(image, `stewardgate:${manifest.version}`);
  assert.doesNotMatch('postgres:latest', PINNED);
  assert.doesNotMatch('postgres', PINNED);
  assert.doesNotMatch('postgres:18', PINNED);
});

test('every service runs without privileges on a read-only root', () => {
  for (const [name, service] of services) {
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    assert.equal(service.cap_add, undefined, name);
    assert.equal(service.privileged, undefined, name);
    assert.equal(service.restart, 'unless-stopped', name);
  }
});

test('only the balancer is published, and only on loopback', () => {
  const published = services.filter(([, service]) => service.ports !== undefined);
  assert.deepEqual(
    published.map(([name, service]) => [name, service.ports]),
    [['balancer', ['127.0.0.1:8080:8080']]],
  );
});

test('only the gateways reach the database and Redis', () => {
  const onData = services.filter(([, service]) => networksOf(service).includes('data')).map(([name]) => name);
  assert.deepEqual(onData.sort(), ['gateway-a', 'gateway-b', 'postgres', 'redis']);
  for (const name of ['postgres', 'redis']) assert.deepEqual(networksOf(compose.services[name]!), ['data']);
});

test('only the edge leads outside, and only the balancer and the gateways are on it', () => {
  const open = Object.entries(compose.networks).filter(([, network]) => network?.internal !== true);
  assert.deepEqual(
    open.map(([name]) => name),
    ['edge'],
  );
  const onEdge = services.filter(([, service]) => networksOf(service).includes('edge')).map(([name]) => name);
  assert.deepEqual(onEdge.sort(), ['balancer', 'gateway-a', 'gateway-b']);
});

test('every network, volume, secret and service that is named is declared', () => {
  for (const [name, service] of services) {
    for (const network of networksOf(service)) assert.ok(Object.hasOwn(compose.networks, network), name);
    for (const secret of service.secrets ?? []) assert.ok(Object.hasOwn(compose.secrets, secret), name);
    for (const needed of Object.keys(service.depends_on ?? {}))
      assert.ok(Object.hasOwn(compose.services, needed));
    for (const source of (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '')) {
      assert.ok(source.startsWith('./') || Object.hasOwn(compose.volumes, source), `${name}: ${source}`);
    }
  }
});

test('every file that is mounted, built from or run exists, and is mounted read-only', () => {
  for (const [name, service] of services) {
    const mounts = (service.volumes ?? []).filter((volume) => volume.startsWith('./'));
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      assert.ok(existsSync(join(HOUSE, source)), `${name}: ${source}`);
      assert.equal(mode, 'ro', `${name}: ${source}`);
    }
    if (service.build !== undefined) assert.ok(existsSync(join(HOUSE, service.build.dockerfile)));
  }
  assert.deepEqual(compose.services.redis?.entrypoint, ['sh', '/etc/stewardgate/redis-start.sh']);
  assert.ok(existsSync(join(HOUSE, 'infra/redis/redis-start.sh')));
  assert.ok(existsSync(join(HOUSE, 'infra/gateway-start.sh')));
});

test('every secret comes from a file that git never sees', () => {
  for (const { file } of Object.values(compose.secrets)) assert.match(file, /^\.\/infra\/secrets\/[a-z_]+$/);
  assert.equal(readText('infra/secrets/.gitignore'), '*\n!.gitignore\n');
  for (const [name, service] of services) {
    for (const [key, value] of Object.entries(service.environment ?? {})) {
      if (/PASSWORD|KEY|SECRET|TOKEN/.test(key))
        assert.match(value, /^\/run\/secrets\/[a-z_]+$/, `${name}: ${key}`);
      assert.doesNotMatch(value, /:\/\/[^/\s]*:[^/\s]*@/, `${name}: ${key}`);
    }
  }
});

test('every service says whether it is well, except the collector, whose image has nothing to ask with', () => {
  for (const [name, { healthcheck }] of services) {
    if (name === 'otel-collector') assert.equal(healthcheck?.disable, true);
    else assert.ok((healthcheck?.test?.length ?? 0) > 1, name);
  }
});

test('who waits for whom waits for a part that can say that it is well', () => {
  for (const [name, service] of services) {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.equal(condition, 'service_healthy', name);
      assert.ok(compose.services[needed]?.healthcheck?.test !== undefined, `${name} waits for ${needed}`);
    }
  }
});

/** How long requests under way may take to end once the gateway is told to stop. */
const DRAIN_SECONDS = 30;

test('a gateway is given longer to stop than it gives its requests to end', () => {
  for (const [name, { stop_grace_period = '' }] of gateways) {
    const seconds = Number(/^(\d+)s$/.exec(stop_grace_period)?.[1]);
    assert.ok(seconds > DRAIN_SECONDS && seconds <= 2 * DRAIN_SECONDS, `${name}: ${stop_grace_period}`);
  }
});

const KNOWN = new Set<string>(SETTINGS.map((setting) => setting.name));
const isKnown = (name: string) => KNOWN.has(name) || name.startsWith('OTEL_');

function envExample(): Record<string, string> {
  const lines = readText('infra/compose.env.example').split('\n');
  const pairs = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/=(.*)/s));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

test('every environment name of the gateways is one that the gateway knows', () => {
  for (const [, { environment = {} }] of gateways) {
    assert.deepEqual(
      Object.keys(environment).filter((name) => !isKnown(name)),
      [],
    );
  }
  assert.deepEqual(
    Object.keys(envExample()).filter((name) => !isKnown(name)),
    [],
  );
  assert.ok(!isKnown('STEWARDGATE_UNHEARD_OF'));
});

/** What the start script adds, and the key itself where the container has a file. */
const FROM_SECRETS = {
  DATABASE_URL: 'postgres://stewardgate:invented@postgres:5432/stewardgate',
  REDIS_URL: 'redis://:invented@redis:6379/0',
  STEWARDGATE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
};

test('the gateway accepts the composition as a production configuration', () => {
  for (const [, { environment = {} }] of gateways) {
    const config = readConfig({ ...envExample(), ...environment, ...FROM_SECRETS });
    assert.equal(config.mode, 'production');
    assert.equal(config.host, '0.0.0.0');
    assert.equal(config.port, 8080);
    assert.equal(config.operationsPort, 9090);
    assert.equal(config.replicas, gateways.length);
    assert.equal(config.upstream.kind, 'azure');
  }
});

test('the composition without its address of the model is refused', () => {
  const { MODEL_UPSTREAM_URL: _, ...incomplete } = envExample();
  const environment = { ...incomplete, ...gateways[0]?.[1].environment, ...FROM_SECRETS };
  assert.throws(() => readConfig(environment), /MODEL_UPSTREAM_URL/);
});

test("the gateways believe the balancer's address and no other", () => {
  const edge = compose.services.balancer?.networks as Record<string, { ipv4_address?: string }>;
  for (const [, { environment }] of gateways) {
    assert.equal(environment?.STEWARDGATE_TRUSTED_PROXIES, edge.edge?.ipv4_address);
  }
});
