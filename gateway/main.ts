import { createLogger } from './adapters/telemetry/logger.ts';
import { ownVersion } from './cli/own-version.ts';
import { ConfigError, readConfig } from './config.ts';
import { sayFault } from './say-fault.ts';
import { serve } from './serve.ts';
import { telemetry } from './telemetry.ts';

/** BSD sysexits: a setting that cannot be used, and everything else that keeps the gateway from starting. */
const EX_CONFIG = 78;
const EX_UNAVAILABLE = 69;
/** A fault that nobody caught: Node would print its message, which may quote what a caller sent. */
const EX_SOFTWARE = 70;

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  const version = ownVersion();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { exposition } = telemetry;
  const measured = exposition === undefined ? {} : { exposition };
  const starting = serve(config, { log, version, say, ...measured });
  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    log.notice('stopping', { signal });
    await (await starting).stop();
    await telemetry.stop().catch(() => {});
    log.flush();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  process.on('unhandledRejection', (fault) =>
    log.fault({ id: 'process', route: 'unhandledRejection' }, fault),
  );
  process.on('uncaughtException', (fault) => {
    log.fault({ id: 'process', route: 'uncaughtException' }, fault);
    process.exit(EX_SOFTWARE);
  });
  await starting;
}

main().catch((fault: unknown) => {
  process.stderr.write(`stewardgate cannot start: ${sayFault(fault)}\n`);
  process.exit(fault instanceof ConfigError ? EX_CONFIG : EX_UNAVAILABLE);
});
