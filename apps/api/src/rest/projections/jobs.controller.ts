import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { CommandContext } from '#event-store';
import type { ProjectionJob } from '#operational-state';
import { projectionJobJson } from '#twilio-wire/projection-job-json';
import { TwilioError } from '#twilio-wire/twilio-error';
import { Context } from '../../platform/http/command-context.ts';
import type { WriteResult } from '../../platform/http/consistency/reads-after-writes.interceptor.ts';
import { orNotFound } from '../../platform/http/errors/or-not-found.ts';
import { pageJson, toPageRequest } from '../../platform/http/parameters/paging.ts';
import { PublicAddress } from '../../platform/http/public-address.ts';
import { ApiBasicAuth, ApiConsumes, ApiTags } from '../../platform/openapi/decorators.ts';
import { Reads, Writes } from '../../platform/openapi/operations.ts';
import { CancelJob } from '../../use-cases/projections/cancel-job.ts';
import { GetJob } from '../../use-cases/projections/get-job.ts';
import { ListJobs } from '../../use-cases/projections/list-jobs.ts';
import { RequestJob } from '../../use-cases/projections/request-job.ts';
import { jobParameters } from './job-parameters.ts';
import { CancelJobDto, CreateJobDto, ListJobsDto } from './jobs.dto.ts';

/** Operations on a projection, which workers carry out. */
@ApiTags('Operations')
@ApiBasicAuth()
@ApiConsumes('application/x-www-form-urlencoded', 'application/json')
@Controller('v2/Projections/:projection/Jobs')
export class JobsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly address: PublicAddress,
  ) {}

  @Writes('Asks for a job on a projection', 202, 'ProjectionJob')
  @Post()
  @HttpCode(202)
  async create(
    @Param('projection') projection: string,
    @Body() body: CreateJobDto,
    @Context() context: CommandContext,
  ): Promise<WriteResult> {
    const input = { projection, kind: body.Kind, parameters: jobParameters(body), context };
    return this.#written(orNotFound(await this.commands.execute(new RequestJob(input))));
  }

  @Reads('Lists the jobs on a projection, newest first', 'ProjectionJobList')
  @Get()
  async list(
    @Param('projection') projection: string,
    @Query() query: ListJobsDto,
  ): Promise<object> {
    const { Kind: kind, Status: status } = query;
    const filter = {
      projection,
      ...(kind === undefined ? {} : { kind }),
      ...(status === undefined ? {} : { status }),
    };
    const page = orNotFound(await this.queries.execute(new ListJobs(filter, toPageRequest(query))));
    return pageJson(page, {
      key: 'jobs',
      url: this.address.url('Projections', projection, 'Jobs'),
      query,
      positionOf: ({ number }) => String(number),
      toJson: (job) => projectionJobJson(job, this.address),
      filters: [
        ...(kind === undefined ? [] : [['Kind', kind] as const]),
        ...(status === undefined ? [] : [['Status', status] as const]),
      ],
    });
  }

  @Reads('Fetches a job', 'ProjectionJob')
  @Get(':jobSid')
  async get(
    @Param('projection') projection: string,
    @Param('jobSid') jobSid: string,
  ): Promise<object> {
    const job = await this.queries.execute(new GetJob(projection, jobSid));
    return projectionJobJson(orNotFound(job), this.address);
  }

  @Writes('Cancels a job', 202, 'ProjectionJob')
  @Post(':jobSid')
  @HttpCode(202)
  async cancel(
    @Param('projection') projection: string,
    @Param('jobSid') sid: string,
    @Body() _: CancelJobDto,
    @Context() { actor }: CommandContext,
  ): Promise<WriteResult> {
    const job = orNotFound(await this.commands.execute(new CancelJob({ projection, sid, actor })));
    if (job.status === 'succeeded' || job.status === 'failed') {
      throw new TwilioError(409, 20409, `Job ${sid} has ${job.status}`);
    }
    return this.#written(job);
  }

  #written(job: ProjectionJob): WriteResult {
    return { position: null, answer: async () => projectionJobJson(job, this.address) };
  }
}
