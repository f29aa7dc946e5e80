import { SCENARIOS } from './scenarios/index.js';
import { OURS, type Subject } from './subject.js';

// Runs one part of a scenario for one subject, in a process of its own:
// `child.mjs <scenario> <part> <file of the subject> <name of the subject> <quick|full> <times>`; findings go to the
// parent.
const [scenario = '', part = '', file = '', name = '', pace = '', times = ''] = process.argv.slice(2);

async function loadSubject(): Promise<Subject> {
    const { href } = new URL(`./${file}.mjs`, import.meta.url);
    const exported = (await import(href)) as Record<string, Partial<Subject> | undefined>;
    const subject = Object.values(exported).find((each) => each?.name === name);
    if (!subject) throw new Error(`${file}.ts exports no subject ${name}`);
    return subject as Subject;
}

const run = await SCENARIOS[scenario]?.parts[Number(part)]?.load();
if (!run) throw new Error(`there is no part ${part} of ${scenario}`);
const subject = await loadSubject();
const context = { subject, isOurs: name === OURS, quick: pace === 'quick', times: Number(times) };
for await (const finding of run(context)) process.send?.(finding);
await new Promise((resolve) => process.send?.('done', resolve));
process.exit(); // whatever is still under way: timers of clients, say
