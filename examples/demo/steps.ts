import { allSucceeded, exactly, type Expectation } from './expectations.js';
import { measure, type Measurement, numbersOf, type Recorder } from './measurement.js';
import { requestLanes, tokenLane } from './lanes.js';
import type { Application, Stage } from './stage.js';
import type { Lane } from './timeline.js';

export interface Result {
    measurement: Measurement;
    lanes: Lane[];
    expectations: Expectation[];
}

export interface Skipped {
    skipped: string;
}

export interface Step<Where extends Stage> {
    title: string;
    story: string;
    run(stage: Where): Promise<Result | Skipped>;
}

const many = 200;

/** The steps that need no more of an authorization server than tokens. */
export const commonSteps: Step<Stage>[] = [
    {
        title: 'The first call',
        story: 'Nothing was prepared. The first call waits until a token is created, and takes it along.',
        run: (stage) => withoutToken(stage, callOnce),
    },
    {
        title: `${many} calls at once`,
        story:
            `A new client without a token, and ${many} calls in the same instant. All of them need a token; one is ` +
            'created.',
        run: (stage) => withoutToken(stage, callAtOnce),
    },
    {
        title: 'The token is revoked',
        story:
            `The token is revoked on the server. ${many} calls leave with it and are answered 401. One new token is ` +
            'created, each call is sent again, and the code that called never sees a 401.',
        run: revokedToken,
    },
];

async function withoutToken(
    stage: Stage,
    call: (application: Application, record: Recorder) => Promise<void>,
): Promise<Result> {
    const application = stage.connect();
    const measurement = await measure(stage, (record) => call(application, record));
    const { created, unauthorized } = numbersOf(measurement);
    return {
        measurement,
        lanes: [...requestLanes(measurement), tokenLane(measurement)],
        expectations: [
            allSucceeded(measurement),
            exactly('tokens created', created, 1),
            exactly('answered 401', unauthorized, 0),
        ],
    };
}

async function revokedToken(stage: Stage): Promise<Result | Skipped> {
    const application = stage.connect();
    await application.client.get('/me');
    if (!(await stage.revoke(application))) {
        return { skipped: 'the server did not revoke the token, or does not tell that it did.' };
    }
    const measurement = await measure(stage, (record) => callAtOnce(application, record));
    const { created, requests, unauthorized } = numbersOf(measurement);
    return {
        measurement,
        lanes: [...requestLanes(measurement), tokenLane(measurement)],
        expectations: [
            allSucceeded(measurement),
            exactly('answered 401', unauthorized, many),
            exactly('sent again', requests - many, many),
            exactly('tokens created', created, 1),
        ],
    };
}

async function callOnce({ client }: Application, record: Recorder): Promise<void> {
    await record(() => client.get('/me'));
}

async function callAtOnce({ client }: Application, record: Recorder): Promise<void> {
    await Promise.all(Array.from({ length: many }, () => record(() => client.get('/me'))));
}
