// What the drivers of the peers share. A driver, started by the benchmarks with PGHOST and the like set and the number of
// jobs as its argument, puts a backlog in place, starts two worker processes of itself, and prints the seconds until the
// last job is committed. The clock starts when the first job is done: how long a worker takes to start does not count.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const count = async (pool, sql) => Number((await pool.query(sql)).rows[0].count);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export const connectionString = () =>
	`postgresql://${process.env.PGUSER}@localhost:${process.env.PGPORT}/${process.env.PGDATABASE}?host=${encodeURIComponent(process.env.PGHOST)}`;

/// driver: {url, status: what orders end with, enqueue(pool, count), work(pool), unfinished: SQL that counts what the peer
/// itself does not hold for done}
export async function measure(driver) {
	if (process.argv[2] === 'work') {
		await driver.work(new pg.Pool({ max: 10 }));
		return;
	}
	const jobs = Number(process.argv[2]);
	const pool = new pg.Pool({ max: 5 });
	await driver.enqueue(pool, jobs);
	await pool.query('CHECKPOINT');
	const workers = [1, 2].map(() => fork(fileURLToPath(driver.url), ['work'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
	try {
		let first = 0, begun = 0;
		const deadline = Date.now() + 600_000;
		for (;;) {
			for (const worker of workers)
				if (worker.exitCode !== null) throw new Error(`a worker ended with ${worker.exitCode}`);
			if (Date.now() > deadline) throw new Error('not done after 10 minutes');
			const done = await count(pool, `SELECT count(*) FROM orders WHERE status = '${driver.status}'`);
			const now = performance.now();
			if (done > 0 && begun === 0) [begun, first] = [now, done];
			if (done === jobs && (await count(pool, driver.unfinished)) === 0) {
				console.log(JSON.stringify({ jobs: jobs - first, seconds: (now - begun) / 1000 }));
				break;
			}
			// Looking costs the workers' time: seldom while much is left, by the rate so far, and often at the end.
			const left = done > first ? ((jobs - done) * (now - begun)) / (done - first) : 0;
			await sleep(Math.min(Math.max(left / 4, 10), 1000));
		}
	} finally {
		for (const worker of workers) worker.kill('SIGKILL');
		await pool.end();
	}
}

export const three_steps = [1, 2, 3].map((n) => ({ name: `step${n}`, sql: `UPDATE orders SET status = 's${n}' WHERE id = $1` }));
export const one_step = `UPDATE orders SET status = 'done' WHERE id = $1`;
