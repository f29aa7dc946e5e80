import { build } from 'esbuild';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type * as kit from '../../src/testing/index.js';

/** The whole entry, bundled as for a browser, where there is no more than browsers and workers have. */
async function loadElsewhere(): Promise<typeof kit> {
    const stdin = { contents: "export * from './src/testing/index.ts';", resolveDir: join(__dirname, '../..') };
    const bundle = await build({
        stdin,
        bundle: true,
        write: false,
        platform: 'browser',
        format: 'iife',
        globalName: 'kit',
    });
    const script = `${bundle.outputFiles[0]?.text}; kit`;
    return runInNewContext(script, { setTimeout, clearTimeout, performance, crypto }) as typeof kit;
}

it('what needs no server is loaded, and works, without Node.js', async () => {
    const { createTestTokenCreator, storeContract } = await loadElsewhere();
    const creator = createTestTokenCreator({ expiresIn: 60 });

    expect((await creator()).access_token).toBe('test-token-1');
    creator.clock.advance(60_000);
    expect(creator.isLive('test-token-1')).toBe(false);
    expect(storeContract(() => ({}) as never).length).toBeGreaterThan(20);
});

it('a server says what it needs', async () => {
    const { createTestAuthorizationServer } = await loadElsewhere();

    await expect(createTestAuthorizationServer()).rejects.toMatchObject({
        message: 'createTestAuthorizationServer: there is no node:http here; it needs Node.js, Deno or Bun',
    });
});
