// pg-boss with its fastest settings: large batches, fetched on as long as they are full.
import { PgBoss } from 'pg-boss';
import { connectionString, measure, one_step } from './peer.mjs';

const batchSize = 500;

await measure({
	url: import.meta.url,
	status: 'done',
	unfinished: `SELECT count(*) FROM pgboss.job WHERE name = 'touch' AND state < 'completed'`,
	async enqueue(pool, jobs) {
		const boss = new PgBoss({ connectionString: connectionString(), schedule: false });
		await boss.start();
		await boss.createQueue('touch');
		for (let id = 1; id <= jobs; id += 1000)
			await boss.insert('touch', Array.from({ length: Math.min(1000, jobs - id + 1) }, (_, i) => ({ data: { id: id + i } })));
		await boss.stop({ graceful: false });
	},
	async work(pool) {
		const boss = new PgBoss({ connectionString: connectionString(), schedule: false });
		boss.on('error', (error) => console.error(error.message));
		await boss.start();
		await boss.work('touch', { batchSize, localConcurrency: 2, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true },
			(jobs) => Promise.all(jobs.map((job) => pool.query(one_step, [job.data.id]))));
	},
});
