import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { SERVICES } from '../../services/local/services.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface ComposeService {
  image?: string;
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: object;
  ports?: string[];
}

interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, object>;
}

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as Compose;

function validator() {
  const schema = JSON.parse(readFileSync(join(ROOT, 'test/schemas/compose-spec.json'), 'utf8')) as { $schema?: string };
  // ajv knows the draft by its http name; the file names it with https.
  delete schema.$schema;
  return new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
}

describe('docker-compose.yml', () => {
  test('keeps to the Compose specification', () => {
    const validate = validator();
    assert.ok(validate(compose), JSON.stringify(validate.errors, null, 2));
  });

  test('and the specification would notice a mistake', () => {
    const validate = validator();
    assert.ok(
      !validate({
        ...compose,
        services: { ...compose.services, gateway: { ...compose.services.gateway, imagine: 'x' } },
      }),
    );
  });

  test('has every service, as a user of its own that setup hands its secrets to', () => {
    for (const [index, { name }] of SERVICES.entries()) {
      const service = compose.services[name];
      assert.ok(service, `${name} is missing`);
      assert.equal(service.user, String(10_001 + index), name);
      assert.deepEqual(service.command, [`--env-file=/run/parley/${name}/env`, `dist/${name}.mjs`]);
      assert.ok(service.volumes?.includes('secrets:/run/parley:ro'), `${name} may read its secrets and write none`);
      assert.equal(service.depends_on?.setup?.condition, 'service_healthy');
      assert.ok(service.healthcheck, `${name} has a health check`);
    }
  });

  test('gives each service only keys that are its own', () => {
    for (const { name, keys } of SERVICES) {
      for (const key of Object.keys(compose.services[name]?.environment ?? {}))
        assert.ok(keys.includes(key), `${name} is given ${key}`);
    }
  });

  test('pins every image, and publishes pages and mail on loopback only', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      assert.match(service.image ?? '', /:v?\d+\.\d+/, `${name} is not pinned`);
      for (const port of service.ports ?? []) {
        if (!port.endsWith(':8080')) assert.match(port, /^127\.0\.0\.1:/, `${name} publishes ${port}`);
      }
    }
  });

  test('connects shops from the container of setup, which has the login, the key and the rules', () => {
    const { environment = {}, volumes = [] } = compose.services.setup!;
    for (const key of ['PARLEY_SETUP_DIR', 'PARLEY_SETUP_DATABASE_HOST', 'PARLEY_RULES_DIR', 'PARLEY_PUBLIC_URL'])
      assert.ok(environment[key], key);
    assert.ok(volumes.includes(`./rules:${environment.PARLEY_RULES_DIR}`), 'a shop may get rules of its own');
    const built = readFileSync(join(ROOT, 'services/local/build-main.ts'), 'utf8');
    assert.match(built, /services\/cli\/main\.ts', out: 'cli'/);
  });

  test('names only volumes that it declares, and files that exist', () => {
    for (const service of Object.values(compose.services)) {
      for (const volume of service.volumes ?? []) {
        const source = volume.split(':')[0]!;
        if (source.startsWith('.')) assert.ok(existsSync(join(ROOT, source)), source);
        else assert.ok(source in compose.volumes, source);
      }
    }
    for (const [, path] of readFileSync(join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^COPY ([\w./-]+) /gm)) {
      assert.ok(existsSync(join(ROOT, path!)), `the Dockerfile copies ${path}`);
    }
  });
});
