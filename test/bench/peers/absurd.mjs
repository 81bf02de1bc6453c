// Absurd: a task of three steps from a queue that is polled often. Its schema is not in its npm package: ABSURD_SQL names
// the file of its source, of the same version.
import { readFileSync } from 'node:fs';
import { Absurd } from 'absurd-sdk';
import { measure, three_steps } from './peer.mjs';

const app = (pool) => new Absurd({ db: pool, queueName: 'bench' });

await measure({
	url: import.meta.url,
	status: 's3',
	unfinished: `SELECT count(*) FROM absurd.t_bench WHERE state <> 'completed'`,
	async enqueue(pool) {
		await pool.query(readFileSync(process.env.ABSURD_SQL, 'utf8'));
		await app(pool).createQueue('bench');
		await pool.query(`SELECT count(*) FROM orders, absurd.spawn_task('bench', 'handle', jsonb_build_object('id', id))`);
	},
	async work(pool) {
		const bench = app(pool);
		bench.registerTask({ name: 'handle' }, async ({ id }, context) => {
			for (const { name, sql } of three_steps)
				await context.step(name, async () => (await pool.query(sql, [id])).rowCount);
		});
		await bench.startWorker({ concurrency: 50, batchSize: 50, pollInterval: 0.01 });
	},
});
