import { spawn } from 'node:child_process';

/**
 * Runs a command in a folder, and tells when it went well.
 *
 * @throws Error with all that it printed, when it did not
 */
export async function run(title, command, args, { cwd, env = {} }) {
    const started = performance.now();
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const status = await new Promise((resolve) => {
        child.on('error', (error) => resolve(error.message));
        child.on('close', resolve);
    });
    if (status !== 0) throw new Error(`${title}: failed (${status})\n${stdout}${stderr}`);
    console.log(`${title}: ok (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return { stdout, stderr };
}

/**
 * Does the steps, some at a time, in the order given.
 *
 * @throws Error with the messages of all that failed, when all are done
 */
export async function together(steps, atATime = 2) {
    const waiting = steps.values();
    const failures = [];
    const worker = async () => {
        for (const step of waiting) await step().catch(({ message }) => failures.push(message));
    };
    await Promise.all(Array.from({ length: atATime }, worker));
    if (failures.length > 0) throw new Error(failures.join('\n'));
}
