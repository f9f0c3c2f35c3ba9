/**
 * Functions, methods and classes of packages that run, import, unpickle, download or write what their arguments say, by
 * package, under whatever module of it. Made by `node scripts/dangerous-names.ts` from the sources of:
 * torch 2.15.0 torchvision 0.29.2 torchmetrics 1.9.0 numpy 2.4.6 transformers 5.24.0 diffusers 0.42.1
 * lightning 2.6.6 pytorch-lightning 2.6.6 lightning-utilities 0.15.3 ultralytics 8.4.190 ultralytics-platform 0.1.99
 * ultralytics-thop 2.2.3 scikit-learn 1.9.1 joblib 1.6.0 dill 0.4.1 cloudpickle 3.1.3 tqdm 4.70.1 scipy 1.17.1
 * accelerate 1.15.0 safetensors 0.8.0 huggingface_hub 2.4.0 pandas 3.1.1 omegaconf 2.4.0 anyio 4.16.0
 * fsspec 2026.9.0 networkx 3.6.1 pillow 13.0.0 matplotlib 3.11.2 opencv-python 5.0.0.93 polars 2.1.0 six 1.17.0
 * typing_extensions 4.16.0 wrapt 2.5.2 attrs 26.1.0 click 8.5.1 typer 0.29.2 rich 14.3.4 pygments 2.21.0
 * fonttools 4.68.0 pydantic 2.14.4 python-dateutil 2.9.0.post0 tokenizers 0.23.3 narwhals 2.29.0 mpmath 1.3.0
 */
export const DANGEROUS_NAMES: Readonly<Record<string, string>> = {
  PIL: `
    CodeType DisplayViewer.show_file EogViewer.show_file Ghostscript GmDisplayViewer.show_file Image._dump
    Image._repr_image Image.save Image.toqimage Image.toqpixmap ImageFile.get_child_images ImageFont._load_pilfont
    JpegImageFile.load_djpeg MacViewer.show_file Parser.close Parser.feed Viewer._remove_path_after_delay Viewer.show
    Viewer.show_file Viewer.show_image WindowsViewer.show_file XDGViewer.show_file XVViewer.show_file
    _get_image_from_kw _import_plugin_for_extension _save _save_all _toqclass_helper check check_feature check_module
    grab loadImageSeries toqimage toqpixmap version version_feature version_module
  `,
  accelerate: `
    Accelerator.load_state Accelerator.save_state DataLoaderDispatcher._fetch_batches broadcast_object_list
    deepspeed_launcher disk_offload dispatch_model load_accelerator_state load_and_quantize_model
    load_checkpoint_and_dispatch load_checkpoint_in_model load_custom_state load_fsdp_optimizer merge_command
    merge_fsdp_weights offload_state_dict save_accelerator_state save_fsdp_model save_fsdp_optimizer
    save_offload_index simple_launcher test_command test_merge_weights_command_pytorch
    test_merge_weights_command_safetensors test_merge_weights_pytorch test_merge_weights_safetensors to_fsdp2_command
    tpu_command_launcher tpu_launcher training_function
  `,
  anyio: `
    CodeType _build_lazy_map create_connected_unix_datagram_socket create_unix_datagram_socket create_unix_listener
    get_async_backend get_runner pytest_pyfunc_call run_eventloop set_deprecated_aliases setup_unix_local_socket
    start_blocking_portal
  `,
  attr: `
    _ClassBuilder._create_slots_class _ClassBuilder._eval_snippets _ClassBuilder.build_class _add_eq _add_hash
    _add_repr _linecache_and_compile _make_cached_property_getattr
  `,
  click: `
    Editor.edit_files _pipepager _tempfilepager _wrap_io_open launch open_stream open_url
  `,
  dateutil: `
    _run_zic rebuild tzres
  `,
  diffusers: `
    AceStepLoraLoaderMixin.load_lora_weights AceStepLoraLoaderMixin.lora_state_dict
    AnimaLoraLoaderMixin.load_lora_weights AnimaLoraLoaderMixin.lora_state_dict
    AuraFlowLoraLoaderMixin.load_lora_weights AuraFlowLoraLoaderMixin.lora_state_dict AutoModel.from_config
    BriaFibo2LoraLoaderMixin.load_lora_weights BriaFibo2LoraLoaderMixin.lora_state_dict
    CogVideoXLoraLoaderMixin.load_lora_weights CogVideoXLoraLoaderMixin.lora_state_dict
    CogView4LoraLoaderMixin.load_lora_weights CogView4LoraLoaderMixin.lora_state_dict ConfigMixin.from_config
    ConfigMixin.get_config_dict ConfigMixin.load_config CosmosLoraLoaderMixin.load_lora_weights
    CosmosLoraLoaderMixin.lora_state_dict DiffusionPipeline.from_pipe ErnieImageLoraLoaderMixin.load_lora_weights
    ErnieImageLoraLoaderMixin.lora_state_dict Flux2LoraLoaderMixin.load_lora_weights
    Flux2LoraLoaderMixin.lora_state_dict Flux3LoraLoaderMixin.load_lora_weights Flux3LoraLoaderMixin.lora_state_dict
    FluxControlNetModel.from_transformer FluxIPAdapterMixin.load_ip_adapter FluxLoraLoaderMixin.load_lora_weights
    FluxLoraLoaderMixin.lora_state_dict FromOriginalModelMixin.from_single_file FromSingleFileMixin.from_single_file
    HeliosLoraLoaderMixin.load_lora_weights HeliosLoraLoaderMixin.lora_state_dict
    HiDreamImageLoraLoaderMixin.load_lora_weights HiDreamImageLoraLoaderMixin.lora_state_dict
    HunyuanVideoLoraLoaderMixin.load_lora_weights HunyuanVideoLoraLoaderMixin.lora_state_dict
    IPAdapterMixin.load_ip_adapter Ideogram4LoraLoaderMixin.load_lora_weights
    Ideogram4LoraLoaderMixin.lora_state_dict KandinskyLoraLoaderMixin.load_lora_weights
    KandinskyLoraLoaderMixin.lora_state_dict Krea2LoraLoaderMixin.load_lora_weights
    Krea2LoraLoaderMixin.lora_state_dict LTX2LoraLoaderMixin.load_lora_weights LTX2LoraLoaderMixin.lora_state_dict
    LTXEulerAncestralRFScheduler.set_timesteps LTXVideoLoraLoaderMixin.load_lora_weights
    LTXVideoLoraLoaderMixin.lora_state_dict Lumina2LoraLoaderMixin.load_lora_weights
    Lumina2LoraLoaderMixin.lora_state_dict MiniMaxH3LoraLoaderMixin.load_lora_weights
    MiniMaxH3LoraLoaderMixin.lora_state_dict Mochi1LoraLoaderMixin.load_lora_weights
    Mochi1LoraLoaderMixin.lora_state_dict ModularIPAdapterMixin.load_ip_adapter
    ModularPipeline._dict_to_component_spec ModularPipeline._load_pipeline_config
    OmniGenMultiModalProcessor.process_image OnnxRuntimeModel._from_pretrained PeftAdapterMixin.load_lora_adapter
    QwenImageControlNetModel.from_transformer QwenImageLoraLoaderMixin.load_lora_weights
    QwenImageLoraLoaderMixin.lora_state_dict RFD4ProteinaLoraLoaderMixin.load_lora_weights
    RFD4ProteinaLoraLoaderMixin.lora_state_dict ReturnNameVisitor.get_ast_tree SD3ControlNetModel.from_transformer
    SD3IPAdapterMixin.load_ip_adapter SD3LoraLoaderMixin.load_lora_weights SD3LoraLoaderMixin.lora_state_dict
    SanaLoraLoaderMixin.load_lora_weights SanaLoraLoaderMixin.lora_state_dict
    SkyReelsV2LoraLoaderMixin.load_lora_weights SkyReelsV2LoraLoaderMixin.lora_state_dict
    StableDiffusionLoraLoaderMixin.load_lora_weights StableDiffusionLoraLoaderMixin.lora_state_dict
    StableDiffusionXLLoraLoaderMixin.load_lora_weights StableDiffusionXLLoraLoaderMixin.lora_state_dict
    TextualInversionLoaderMixin.load_textual_inversion UNet2DConditionLoadersMixin.load_attn_procs
    UNetControlNetXSModel.from_unet UNetMotionModel.from_unet2d WanLoraLoaderMixin.load_lora_weights
    WanLoraLoaderMixin.lora_state_dict ZImageLoraLoaderMixin.load_lora_weights ZImageLoraLoaderMixin.lora_state_dict
    _LazyModule._get_module _decode_audio_file _decode_video_file _fetch_index_file _fetch_index_file_legacy
    _fetch_state_dict _get_checkpoint_shard_files _get_custom_pipeline_class _get_final_device_map
    _get_library_or_raise _get_model_file _get_pipeline_class _install_references _install_skill
    _legacy_load_safety_checker _load_empty_model _load_pipeline _load_shard_file _local_media_file
    _resolve_media_inputs _save_audio_arrays _save_output _schema _update_init_kwargs_with_connected_pipeline
    _warn_custom_block_requirements check_imports dispatch_model encode_hdr_tensor_to_mp4 encode_video export_to_obj
    export_to_ply fetch_original_config get_cached_module_file get_class_in_module get_class_obj_and_candidates
    load_hf_numpy load_image load_numpy load_pt load_single_file_checkpoint load_single_file_sub_model
    load_state_dict load_sub_model load_textual_inversion_state_dicts load_video maybe_raise_or_warn
    postprocess_decode print_tensor_test process_face_embeddings_infer pytest_terminal_summary_main remote_decode
    remote_encode save_offload_index simple_get_class_obj stable_unclip_image_noising_components
  `,
  fontTools: `
    BaseConverter.isEnabled BaseTable.decompile BaseTable.ensureDecompiled BaseTable.populateDefaults BaseTable.toXML
    BaseTable.toXML2 COLR.decompile FeatureParams.toXML FontBuilder._initTableWithValues FontBuilder.setupGlyf
    FontBuilder.setupGvar FontBuilder.setupHorizontalHeader FontBuilder.setupHorizontalMetrics FontBuilder.setupMaxp
    FontBuilder.setupMetrics FontBuilder.setupVerticalHeader FontBuilder.setupVerticalMetrics
    FormatSwitchingBaseTable.toXML LookupList.toXML2 Merger.merge Subsetter._prune_post_subset
    Subsetter._prune_pre_subset Subsetter._subset_glyphs Subsetter.subset TTFont._readTable TTFont._save
    TTFont._writeTable TTFont.save WOFF2Reader._decompileTable WOFF2Writer._decompileTable
    WOFF2Writer._transformTables WOFF2Writer.close WOFF2Writer.transformTable XMLReader._startElementHandler
    _add_VHVAR _add_gvar _convert_table _convert_tables _copytree _font_to_quadratic _get_writer _is_gnu_diff _main
    _writeExtFileImageData build buildConverters build_many copy_dir copy_file copy_fs getCustomTableClass
    getTableClass getTableModule green main newTable parseGSUBGPOS parseOptions printGreenPen run_benchmark
    run_external_diff write writeOther writePFB writePlist writelines
  `,
  functorch: `
    FunctionType _create_rearrange_callable aot_function aot_module aot_module_simplified compiled_function
    compiled_module debug_compile magic_trace memory_efficient_fusion nnc_jit rearrange ts_compile
  `,
  joblib: `
    PrintTime check_subprocess_call concurrency_safe_rename delete_folder dump replace rm_subdirs unlink_file
  `,
  lightning: `
    AdvancedProfiler._dump_stats AdvancedProfiler.summary BitsandbytesPrecision.module_init_context
    CSVLogger.experiment DDPStrategy.broadcast DeepSpeedStrategy.load_checkpoint DeepSpeedStrategy.save_checkpoint
    ExperimentWriter.log_hparams FSDPStrategy.broadcast FSDPStrategy.load_checkpoint FSDPStrategy.save_checkpoint
    LightningCLI._add_configure_optimizers_method_to_model LightningCLI.instantiate_classes
    LightningDataModule.load_from_checkpoint LightningModule.load_from_checkpoint LightningModule.to_torchscript
    ModelCheckpoint.setup ModelParallelStrategy.broadcast ModelParallelStrategy.load_checkpoint
    ModelParallelStrategy.optimizer_state ModelParallelStrategy.save_checkpoint Profiler._prepare_streams
    Profiler.describe SaveConfigCallback.setup ServableModuleValidator.on_train_start TensorBoardLogger.finalize
    TensorBoardLogger.save TorchCheckpointIO.load_checkpoint TorchCheckpointIO.remove_checkpoint
    TorchCheckpointIO.save_checkpoint TorchCollective.all_gather_object TorchCollective.broadcast_object_list
    TorchCollective.gather_object TorchCollective.scatter_object_list XLACheckpointIO.save_checkpoint
    XLAFSDPStrategy.broadcast XLAFSDPStrategy.load_checkpoint XLAFSDPStrategy.save_checkpoint XLAStrategy.broadcast
    _CheckpointConnector._hpc_resume_path _CheckpointConnector._parse_ckpt_path
    _CheckpointConnector._select_ckpt_path _CheckpointConnector.hpc_save_path _ClassReplacementContextManager
    _MNIST._try_load _MNIST.prepare_data _SubprocessScriptLauncher._call_children_scripts
    _SubprocessScriptLauncher.launch _atomic_save _compare_version _consolidate _load _load_checkpoint
    _load_distributed_checkpoint _load_from_checkpoint _load_py_module _load_raw_module_state_from_path
    _save_checkpoint _try_import_module _upgrade call_register_accelerators compare_version
    convert_zero_checkpoint_to_fp32_state_dict copyfile get_filesystem get_nvidia_gpu_stats instantiate_class
    load_hparams_from_tags_csv module_available module_from_spec pl_load save_hparams_to_tags_csv
    save_hparams_to_yaml spec_from_file_location url_to_fs
  `,
  lightning_fabric: `
    BitsandbytesPrecision.module_init_context CSVLogger.experiment DDPStrategy.broadcast
    DeepSpeedStrategy.load_checkpoint DeepSpeedStrategy.save_checkpoint FSDPStrategy.broadcast
    FSDPStrategy.load_checkpoint FSDPStrategy.save_checkpoint ModelParallelStrategy.broadcast
    ModelParallelStrategy.load_checkpoint ModelParallelStrategy.save_checkpoint TorchCheckpointIO.load_checkpoint
    TorchCheckpointIO.remove_checkpoint TorchCheckpointIO.save_checkpoint TorchCollective.all_gather_object
    TorchCollective.broadcast_object_list TorchCollective.gather_object TorchCollective.scatter_object_list
    XLACheckpointIO.save_checkpoint XLAFSDPStrategy.broadcast XLAFSDPStrategy.load_checkpoint
    XLAFSDPStrategy.save_checkpoint XLAStrategy.broadcast _ClassReplacementContextManager
    _SubprocessScriptLauncher._call_children_scripts _SubprocessScriptLauncher.launch _atomic_save _consolidate _load
    _load_checkpoint _load_distributed_checkpoint _load_py_module _load_raw_module_state_from_path _save_checkpoint
    call_register_accelerators compare_version get_filesystem module_available module_from_spec pl_load
    spec_from_file_location url_to_fs
  `,
  lightning_utilities: `
    RequirementCache._check_available RequirementCache._check_module RequirementCache._check_requirement
    _prune_packages _replace_min_req_in_pyproject_toml _replace_min_req_in_txt
    _replace_package_name_in_pyproject_toml _replace_package_name_in_txt compare_version module_available
    prune_packages_in_requirements replace_oldest_version replace_package_in_requirements
  `,
  matplotlib: `
    BackendRegistry._get_gui_framework_by_loading BackendRegistry.load_backend_module BackendRegistry.resolve_backend
    BackendRegistry.resolve_gui_or_backend DviFont._index_dvi_to_freetype DviFont.effects DviFont.resolve_path
    FigureCanvasBase._switch_canvas_and_return_print_method FigureCanvasBase.print_figure
    FigureCanvasPS._print_figure_tex FileMovieWriter.finish LatexManager._get_box_metrics
    LatexManager._setup_latex_process LatexManager._stdin_writeln LatexManager.get_width_height_descent
    MovieWriter._run MovieWriter.setup NavigationToolbar2Tk._Button NavigationToolbar2Tk._rescale
    NavigationToolbar2Tk._set_image_for_button NavigationToolbar2Wx._icon PsfontsMap._parse_and_cache_line
    TexManager.get_grey TexManager.get_rgba TexManager.get_text_width_height_descent TexManager.make_dvi
    TexManager.make_png ToolbarTk._rescale ToolbarTk.add_toolitem ToolbarWx.add_toolitem _ImageComparisonBase.compare
    _check_for_pgf _convert_psfrags _copy_css_file _copy_images_figmpl _fontfile _has_tex_package _load_image
    _move_path_to_path_or_stream _pytest_image_comparison _raise_on_image_difference _rc_params_in_file
    _read_style_directory _split_code_at_show compare_images contains_doctest context convert find_tex_file
    get_registered_canvas_class graphviz_dump_transform gs_distill image_comparison json_dump pstoeps rc_context
    rc_file rc_params_from_file read_style_directory render_figures save_diff_image subprocess_run_for_testing
    subprocess_run_helper to_filehandle use visit_figmpl_html visit_figmpl_latex xpdf_distill
  `,
  mpmath: `
    _load_zeta_zeros identify oldzetazero
  `,
  narwhals: `
    Implementation._backend_version Implementation.to_native_namespace _import_native_namespace
    _import_sqlframe_module backend_version
  `,
  networkx: `
    attach copyfunc view_pygraphviz
  `,
  numpy: `
    FFI _dump _ufunc_reconstruct add_newdoc add_newdoc_for_scalar_type fromregex info savez_compressed timeit
  `,
  omegaconf: `
    BaseContainer._list_merge BaseContainer._map_merge BaseContainer._merge_with BaseContainer._resolve_with_default
    BaseContainer._set_item_impl BaseContainer._wrap_value_and_set BaseContainer.merge_with
    BaseContainer.merge_with_dotlist Container._maybe_resolve_interpolation
    Container._resolve_interpolation_from_parse_tree Container._validate_and_convert_interpolation_result
    DictConfig._get_impl DictConfig._promote DictConfig._set_value DictConfig._set_value_impl DictConfig.get
    DictConfig.pop DictConfig.setdefault ListConfig._set_at_index ListConfig._set_value ListConfig._set_value_impl
    ListConfig.append ListConfig.extend ListConfig.get ListConfig.insert ListConfig.pop OmegaConf._create_impl
    OmegaConf.masked_copy OmegaConf.typed_dict OmegaConf.typed_list OmegaConf.typed_tuple
    TupleConfig._new_with_fixed_type TupleConfig._set_item_for_resolution TupleConfig._set_value
    TupleConfig._set_value_impl TupleConfig.get UnionNode._set_container_value UnionNode._set_mapping_value
    UnionNode._set_structured_config_value UnionNode._set_value UnionNode._set_value_impl
    _create_structured_with_missing_fields _deep_update_subnode _deep_update_type_hint _get_class _maybe_wrap
    _node_wrap _resolve_forward _shallow_validate_type_hint _update_types coerce extract_dict_subclass_data
    get_attr_data get_dataclass_data get_structured_config_data
  `,
  pandas: `
    _get_plot_backend _load_backend boxplot_frame boxplot_frame_groupby hist_frame hist_series read_hdf
    register_plotting_backend_cb round_trip_pickle show_versions
  `,
  polars: `
    ConnectionExecutor._check_module_version ConnectionExecutor._from_arrow CredentialProviderAzure._azcli
    CredentialProviderAzure._azcli_version CredentialProviderAzure._get_azure_storage_account_key_az_cli
    CredentialProviderAzure._try_get_azure_storage_account_credential_if_permitted
    CredentialProviderAzure.retrieve_credentials_impl DataFrame.write_database DeltaDataset.to_dataset_scan
    ExprMetaNameSpace.show_graph IcebergSinkState._attach_resolved_sink IcebergSinkState.commit
    IcebergSinkState.sink_base_path IcebergSinkState.table LazyFrame._repr_html_ _LazyModule._import
    _get_dependency_version _import_optional_adbc_driver _open_adbc_connection _read_spreadsheet _read_sql_adbc
    display_dot_graph import_optional process_file_url
  `,
  pydantic: `
    BaseModel.parse_file BaseModel.parse_raw CodeType FunctionType PyObject.validate getattr_migration git_revision
    load_str_bytes parse_file_as parse_raw_as parse_toml
  `,
  pygments: `
    FontManager._create_nix FontManager._get_nix_font_path _load_formatters _load_lexers _lookup_style
    get_lua_functions get_style_by_name load_formatter_from_file load_lexer_from_file main main_inner regenerate
    update_consts
  `,
  pytorch_lightning: `
    AdvancedProfiler._dump_stats AdvancedProfiler.summary DDPStrategy.broadcast DeepSpeedStrategy.load_checkpoint
    DeepSpeedStrategy.save_checkpoint ExperimentWriter.log_hparams FSDPStrategy.broadcast
    FSDPStrategy.load_checkpoint FSDPStrategy.save_checkpoint LightningCLI._add_configure_optimizers_method_to_model
    LightningCLI.instantiate_classes LightningDataModule.load_from_checkpoint LightningModule.load_from_checkpoint
    LightningModule.to_torchscript ModelCheckpoint.setup ModelParallelStrategy.broadcast
    ModelParallelStrategy.load_checkpoint ModelParallelStrategy.optimizer_state ModelParallelStrategy.save_checkpoint
    Profiler._prepare_streams Profiler.describe SaveConfigCallback.setup ServableModuleValidator.on_train_start
    TensorBoardLogger.finalize TensorBoardLogger.save XLAStrategy.broadcast _CheckpointConnector._hpc_resume_path
    _CheckpointConnector._parse_ckpt_path _CheckpointConnector._select_ckpt_path _CheckpointConnector.hpc_save_path
    _MNIST._try_load _MNIST.prepare_data _SubprocessScriptLauncher._call_children_scripts
    _SubprocessScriptLauncher.launch _compare_version _load_checkpoint _load_distributed_checkpoint
    _load_from_checkpoint _load_py_module _try_import_module _upgrade compare_version
    convert_zero_checkpoint_to_fp32_state_dict copyfile get_filesystem get_nvidia_gpu_stats instantiate_class
    load_hparams_from_tags_csv module_available module_from_spec pl_load save_hparams_to_tags_csv
    save_hparams_to_yaml spec_from_file_location url_to_fs
  `,
  rich: `
    Style.meta Syntax.get_theme Traceback._render_stack _cell_len _split_text cached_cell_len cell_len chop_cells
    get_character_cell_size get_style_by_name legacy_windows_render load_cell_table set_cell_size split_graphemes
    split_text
  `,
  scipy: `
    ODR _clear_cache _make_tuple_bunch _nonlin_wrapper _sub_module_deprecation _test_cython_extension _timeit_fast
    add_newdoc clear_cache clone_module cpenmsg delegate_xp fmsg main make_flat_capabilities_table module_from_spec
    pickle_function retmsg rhomsg rv_continuous._attach_methods rv_discrete._attach_methods
    rv_generic._attach_argparser_methods rv_sample._attach_methods show_options spec_from_file_location
    unpickle_function
  `,
  six: `
    MovedAttribute._resolve MovedModule._resolve _SixMetaPathImporter.create_module
  `,
  sklearn: `
    FunctionType _array_api_for_tests _check_array_api_core _check_fetch_lfw _clone_function _delete_folder
    _fetch_brute_kddcup99 _fetch_remote _get_data_description_by_id _get_data_features _get_data_info_by_name
    _get_data_qualities _get_json_content_from_openml_api _load_arff_response _load_coverage _load_csv _load_imgs
    _open_openml_url check_array_api_input check_array_api_input_and_values check_array_api_mixed_inputs
    check_array_api_same_namespace check_estimators_pickle check_library_installed check_sparsify_coefficients
    clear_data_home clone_module create_memmap_backed_data dump_svmlight_file export_graphviz fetch_20newsgroups
    fetch_20newsgroups_vectorized fetch_california_housing fetch_covtype fetch_file fetch_kddcup99 fetch_lfw_pairs
    fetch_lfw_people fetch_olivetti_faces fetch_openml fetch_rcv1 fetch_species_distributions lazy_xp_function
    load_gzip_compressed_csv_data loadmat process_tempita remove tarfile_extractall
  `,
  torch: `
    AOTAutogradCache.try_load AOTAutogradCachePickler._format_global_for_cache_key
    AOTAutogradCachePickler._reduce_graph_module_for_cache_key AOTAutogradCachePickler.reducer_override
    AOTDispatchSubclassWrapper.post_compile BlockMask._unflatten C10dHealthCheckHandler._fetch_dumps
    C10dHealthCheckHandler._handle C10dHealthCheckHandler.dump ChainedSource.get_value CodeType EpiMod._iface_execute
    EpiMod.gemm EpiMod.plan FakeTensorMode._cached_dispatch_impl FakeTensorMode._crosscheck_cache_output
    FakeTensorMode._dispatch_impl FakeTensorMode.dispatch FlightRecorderHandler._handle_fr_dump_file
    FlightRecorderHandler._handle_fr_trace FlightRecorderHandler._handle_fr_trace_json
    FlightRecorderHandler._handle_fr_trace_nccl FlightRecorderHandler._handle_fr_trace_nccl_json
    FlightRecorderHandler.dump FullyShardedDataParallel._optim_state_dict_impl
    FullyShardedDataParallel._optim_state_dict_to_load_impl FullyShardedDataParallel.full_optim_state_dict
    FullyShardedDataParallel.optim_state_dict FullyShardedDataParallel.optim_state_dict_to_load
    FullyShardedDataParallel.scatter_full_optim_state_dict FullyShardedDataParallel.sharded_optim_state_dict
    LocalModRegistry.install MemoryTracker.show_traces PipelineStage._backward_metadata_inference
    PipelineStage._forward_metadata_inference PipelineStage._prepare_backward_infra
    PipelineStage._prepare_forward_infra PipelineStage._recv_meta PrecompiledModule._compile ProfilerHandler._handle
    PySourceBuilder.build PySpyHandler._handle PySpyHandler.dump ReferenceAnalysis.constant
    ShardedTensor._init_from_local_shards Source.get_value StacksHandler._handle StacksHandler.dump StaticEpi.plan
    StrobelightCLIFunctionProfiler._get_results StrobelightCLIFunctionProfiler._run_async
    StrobelightCLIFunctionProfiler._start_strobelight StrobelightCLIFunctionProfiler._stop_run
    StrobelightCLIFunctionProfiler._stop_strobelight_no_throw StrobelightCLIFunctionProfiler._wait_for_running
    StrobelightCompileTimeProfiler._cls_init StrobelightCompileTimeProfiler.enable
    TorchCommsFlightRecorderHandler._handle_torchcomms_fr_trace
    TorchCommsFlightRecorderHandler._handle_torchcomms_fr_trace_json TorchCommsFlightRecorderHandler.dump
    TorchCommsHealthCheckHandler._handle TorchCommsHealthCheckHandler.dump WaitCountersHandler._handle
    WaitCountersHandler.dump XPUPluggableAllocator ZeroRedundancyOptimizer.consolidate_state_dict
    _AOTDispatchAutogradFunctionFactory.build _allgather_state_info _alloc_outs_from_meta
    _augment_memory_snapshot_stack_traces _broadcast_object _broadcast_processed_state _broadcast_state_dict
    _cache_autograd_info _cache_inference_info _check_missing_keys_on_rank _compile_and_exec_source _compile_gemm_epi
    _convert_state_with_orig_params _defaultdict_deserialize _dump_chrometrace _dump_snapshot _emit_importable
    _emit_value _emit_value_recurse _emit_via_reduce _fa3_import_module _fa4_import_module _flatten_optim_state_dict
    _flock_held_exclusively _gather_all_orig_param_state _gemm_act_call _gemm_epi _gemm_epi_f _gemm_epi_f_fake
    _gemm_norm_act_call _gen_epi_fn _get_module_and_submodules _import_dotted_name _local_post_state_dict_hook
    _make_inlined_forward _map_param_key_to_optim_keys _optim_state_dict _parse_log_settings _pool_worker
    _preload_cuda_lib _prepare_jit _prepare_ondevice_dynamic_jit _prepare_ondevice_jit _quantize_jit
    _quantize_ondevice_dynamic_jit _quantize_ondevice_dynamic_jit_impl _reconstruct_closure_fn
    _register_jit_decomposition_for_jvp _resolve _resolve_global _runnable_from_pair _save_fx_default _shard_tensor
    _tensor_to_object _type _unlink_quietly _unpickler _write_artifact all_gather all_gather_object
    all_gather_object_enforce_type aot_compile_joint_with_descriptors aot_function aot_module aot_module_simplified
    aot_stage2_autograd aot_stage2_compile aot_stage2_inference broadcast broadcast_object_list build_gemm_epi_plan
    codegen_backward_subclass_fns codegen_subclass_wrapper compile_to_python compiled_function compiled_module
    dact_dbias_mod dact_ln_stats_mod dact_mod debug_compile dgated_mod dgated_rstd_preact_mod emit_value
    enum_object_hook fetch_all fetch_thread_pool gather_object gemm_act gemm_act_out gemm_gated gemm_gated_out
    gemm_norm_act gemm_norm_act_out gemm_norm_gated gemm_norm_gated_out get_clean_triton get_fburl
    get_inductor_decomp_graphs get_info_and_burn_skeleton get_inputs get_model_info get_strobelight_url infer_schema
    init_from_local_shards is_safe_numpy_wrapper jit_cache lazy_deprecated_import linear_act_mod ln_affine_act_mod
    ln_bwd_apply_mod load_by_path load_from_python lower_exported_program main memory_efficient_fusion nnc_jit
    norm_act_mod numpy_wrapper_cache_key package_nativert_with_aoti_delegate package_pt2 prepare_dynamic_jit
    prepare_jit print_op_coverage_summary process_file quantize_dynamic_jit quantize_jit read_dir read_dump rearrange
    recv_object_list register_flash_attention_fa3 register_flash_attention_fa4 resolve_gemm_class rstd_gated_mod
    rstd_gated_preact_mod save scatter_object_list script_qconfig script_qconfig_dict set_default_tensor_type
    set_logs shard_module shard_parameter simple_ts_compile sq_reduce_mod tempdir temppath track_tensor_tree
    try_import ts_compile write_atomic
  `,
  torchgen: `
    clang_format discover_declarations gen gen_annotated gen_autograd gen_autograd_python
    gen_functionalization_view_meta_classes gen_variable_factories load_by_path load_declaration load_declarations
    load_deprecated_signatures load_derivatives load_signatures parse_backend_yaml parse_native_aot_manifests
    parse_native_functions_keys parse_native_yaml parse_tags_yaml run_gen_lazy_tensor write_cpp write_test_cpp
  `,
  torchmetrics: `
    BERTScore.compute BERTScore.plot MeanAveragePrecision._gather_tuple_list MeanAveragePrecision._sync_dist
    PerceptualPathLength.compute _ARNIQA._load_weights _SacreBLEUTokenizer._tokenize_flores
    _SacreBLEUTokenizer._tokenize_flores_101 _SacreBLEUTokenizer._tokenize_flores_200 _bert_score _load_baseline
    _prepare_dnsmos _read_csv_from_url bert_score learned_perceptual_image_patch_similarity perceptual_path_length
    style_change
  `,
  torchvision: `
    CIFAR10._load_meta CREStereo._read_disparity CocoDetection._load_image ETH3DStereo._read_disparity
    FallingThingsStereo._read_disparity FunctionType InStereo2k._read_disparity Kinetics._make_ds_structure
    Kitti2012Stereo._read_disparity Kitti2015Stereo._read_disparity LSUNClass PhotoTour.cache
    Places365.load_categories Places365.load_file_list SintelStereo._read_disparity StereoMatchingDataset._read_img
    WeightsEnum.get_state_dict _decompress _dl_wrap _extract_tar _extract_zip _get_redirect_url accimage_loader
    default_loader extract_archive parse_devkit_archive parse_train_archive parse_val_archive pil_loader
    read_image_file
  `,
  tqdm: `
    Session
  `,
  transformers: `
    AutoHfExporter.from_config Backend.get_installed_version Backend.is_satisfied BarkProcessor._load_voice_preset
    BarkProcessor._verify_speaker_embeddings BarkProcessor.save_pretrained
    BaseImageProcessor._prepare_image_like_inputs BaseImageProcessor._prepare_images_structure
    BaseImageProcessor._preprocess_image_like_inputs BaseImageProcessor.preprocess
    BaseVideoProcessor._decode_and_sample_videos BeitImageProcessor._preprocess_image_like_inputs
    BeitImageProcessorPil._preprocess_image_like_inputs CHMv2ImageProcessor._preprocess_image_like_inputs
    ConditionalDetrImageProcessorPil._preprocess ConditionalDetrImageProcessorPil.prepare_annotation
    DPTImageProcessor._preprocess_image_like_inputs DPTImageProcessorPil._preprocess_image_like_inputs
    DecisionConfig.prepare_inputs DecisionMixin.checkpoint_config DeformableDetrImageProcessorPil._preprocess
    DeformableDetrImageProcessorPil.prepare_annotation DetrImageProcessorPil._preprocess
    DetrImageProcessorPil.prepare_annotation DynamoExporter.export_program DynamoExporter.load_program
    EfficientLoFTRImageProcessorPil._prepare_images_structure Emu3ImageProcessor.preprocess
    EncoderDecoderModel.from_encoder_decoder_pretrained EomtImageProcessor._preprocess_image_like_inputs
    EomtImageProcessorPil._preprocess_image_like_inputs Ernie4_5_VLMoeVideoProcessor.get_video_processor_dict
    Ernie4_5_VLMoeVideoProcessor.preprocess ExecutorchExporter.export_program ExportQuantizer.validate_environment
    ExportedModel.runners ExportedModel.save_pretrained ExportedModel.to
    FeatureExtractionMixin.get_feature_extractor_dict FuyuImageProcessorPil._prepare_images_structure
    FuyuProcessor._load_tokenizer_from_pretrained GenerationMixin.adjust_generation_fn GenerationMixin.generate
    GenerationMixin.load_custom_generate GraniteDoclingImageProcessorPil._prepare_images_structure
    GroundingDinoImageProcessorPil._preprocess GroundingDinoImageProcessorPil.prepare_annotation
    HfExporter.validate_environment HubertForCTC.tie_weights Idefics2ImageProcessorPil._prepare_images_structure
    Idefics2Processor._extract_images_from_prompts Idefics3ImageProcessorPil._prepare_images_structure
    IdeficsImageProcessorPil.preprocess ImageProcessingMixin.fetch_images
    ImageProcessingMixin.get_image_processor_dict JanusImageProcessor.postprocess KubeflowCallback._update_status
    KubeflowCallback.on_step_end KubeflowCallback.on_train_begin KubeflowCallback.on_train_end
    KyutaiSpeechToTextForConditionalGeneration.generate LegacyIndex._deserialize_index LegacyIndex._load_passages
    LegacyIndex._resolve_path LegacyIndex.init_index LightGlueImageProcessorPil._prepare_images_structure
    LlavaOnevisionImageProcessor.preprocess LlavaOnevisionImageProcessorPil.preprocess
    Mask2FormerImageProcessor._preprocess_image_like_inputs
    Mask2FormerImageProcessorPil._preprocess_image_like_inputs MaskFormerImageProcessor._preprocess_image_like_inputs
    MaskFormerImageProcessorPil._preprocess_image_like_inputs MiniCPMOcrVideoProcessor.preprocess
    MiniCPMV4_6VideoProcessor.preprocess MistralCommonBackend.save_pretrained
    MllamaImageProcessorPil._prepare_images_structure MobileNetV2ImageProcessor._preprocess_image_like_inputs
    MobileNetV2ImageProcessorPil._preprocess_image_like_inputs MobileViTImageProcessor._preprocess_image_like_inputs
    MobileViTImageProcessorPil._preprocess_image_like_inputs
    MusicgenForConditionalGeneration.from_sub_models_pretrained
    MusicgenMelodyForConditionalGeneration.from_sub_models_pretrained
    Nemotron3_5TranscribeForConditionalGeneration.generate OneFormerImageProcessor._preprocess
    OneFormerImageProcessor._preprocess_image_like_inputs OneFormerImageProcessor.encode_inputs
    OneFormerImageProcessorPil._preprocess OneFormerImageProcessorPil._preprocess_image_like_inputs
    OneFormerImageProcessorPil.encode_inputs PeftAdapterMixin.load_adapter
    Pix2StructImageProcessor._preprocess_image_like_inputs Pix2StructImageProcessorPil._preprocess_image_like_inputs
    PreTrainedConfig._get_config_dict PreTrainedConfig.get_config_dict PreTrainedModel._load_pretrained_model
    ProcessorMixin._get_arguments_from_pretrained ProcessorMixin.get_processor_dict
    PromptDepthAnythingImageProcessor._preprocess_image_like_inputs
    PromptDepthAnythingImageProcessorPil._preprocess_image_like_inputs
    RagPreTrainedModel.from_pretrained_question_encoder_generator SEWDForCTC.tie_weights SEWForCTC.tie_weights
    Sam2ImageProcessor._preprocess_image_like_inputs Sam3ImageProcessor._preprocess_image_like_inputs
    SamImageProcessor._preprocess_image_like_inputs SamImageProcessorPil._preprocess_image_like_inputs
    Sapiens2ImageProcessor._preprocess_image_like_inputs Sapiens2ImageProcessor.preprocess
    SegGptImageProcessor._preprocess_image_like_inputs SegGptImageProcessorPil._preprocess_image_like_inputs
    SegformerImageProcessor._preprocess_image_like_inputs SegformerImageProcessorPil._preprocess_image_like_inputs
    Seq2SeqTrainer.load_generation_config SmolVLMImageProcessorPil._prepare_images_structure
    SpeechEncoderDecoderModel.from_encoder_decoder_pretrained SubConfigSpec.create_subconfig
    SuperGlueImageProcessorPil._prepare_images_structure TestCasePlus.python_one_liner_max_rss
    TokenizersBackend._patch_mistral_regex TokenizersBackend._tokenizer_json_has_byte_level
    Trainer._inner_training_loop Trainer._load_optimizer_and_scheduler Trainer._maybe_log_save_evaluate
    Trainer._prepare_for_training Trainer._run_epoch Trainer._save_checkpoint Trainer._save_optimizer_and_scheduler
    TvpImageProcessorPil._prepare_images_structure UniSpeechForCTC.tie_weights UniSpeechSatForCTC.tie_weights
    VideoLlavaImageProcessor.preprocess VideoProcessorMixin.get_video_processor_dict
    VisionEncoderDecoderModel.from_encoder_decoder_pretrained VisionTextDualEncoderModel.from_vision_text_pretrained
    VitMatteImageProcessor._preprocess_image_like_inputs VitMatteImageProcessorPil._preprocess_image_like_inputs
    VitPoseImageProcessor._preprocess_image_like_inputs VitPoseImageProcessorPil._preprocess_image_like_inputs
    Wav2Vec2ForCTC.tie_weights Wav2Vec2PreTrainedModel.load_adapter WavLMForCTC.tie_weights
    YolosImageProcessorPil._preprocess YolosImageProcessorPil.prepare_annotation _BaseAutoModelClass.from_config
    _LazyAutoMapping._load_attr_from_module _LazyAutoMapping.get _LazyAutoMapping.items _LazyAutoMapping.keys
    _LazyAutoMapping.values _LazyLoadAllMappings._initialize _LazyLoadAllMappings.items _LazyLoadAllMappings.keys
    _LazyLoadAllMappings.values _LazyModule._get_module _add_new_model_like_internal _attach_debugger_logic
    _get_dtype _get_resolved_checkpoint_files _is_package_available _package_versions _path_to_class _probe_file
    _pytree_unflatten _resolve_class _unflatten_from_context _use_mistral_format accelerate_dispatch
    add_content_to_file add_model_to_auto_mappings add_new_model_like apply_patches auto_conversion
    build_export_metadata cached_files check_packages check_python_requirements consolidate_backbone_kwargs_to_config
    consolidate_distributed_checkpoint convert_all_safetensors_to_bins convert_slow_checkpoint_to_fast
    convert_tekken_tokenizer copy_func copyfile custom_object_save direct_transformers_import dispatch_model
    find_adapter_config_file get_cached_module_file get_checkpoint_shard_files get_class_in_module get_exporter_class
    get_feature_extractor_config get_image_processor_config get_runner_class get_tokenizer_config
    get_video_processor_config import_dotted_path insert_model_in_doc_toc lazy_load_kernel load_fsdp_optimizer
    load_generation_config load_image load_images load_metadata load_optimizer_distributed load_state_dict
    load_treespec load_vocab_and_merges log_model_debug_trace maybe_load_adapters maybe_replace_from_package
    model_addition_debugger_context prepare_coco_panoptic_annotation prepare_inputs pytest_terminal_summary_main
    register_treespec_types remove_dummy_checkpoint resolve_mistral_format rotate_checkpoints save_chat
    save_fsdp_model save_fsdp_optimizer save_json save_metrics save_model_architecture_to_file
    save_optimizer_distributed save_tekken_format save_tpu_checkpoint torchrun use_kernel_func_from_hub_with_fallback
    write_file
  `,
  typer: `
    _open_cli_file _wrap_io_open docs install install_bash install_callback install_fish install_powershell
    install_zsh launch open_stream open_url
  `,
  typing_extensions: `
    _eval_with_owner evaluate_forward_ref get_annotations
  `,
  ultralytics: `
    AutoBackend._model_type BaseDataset.cache_images_to_disk BaseDataset.check_cache_disk BaseDataset.check_cache_ram
    BaseDataset.get_image_and_label BaseDataset.load_image BasePredictor.predict_cli BasePredictor.setup_model
    BasePredictor.setup_source BasePredictor.stream_inference BaseTrainer._do_train BaseTrainer._handle_nan_recovery
    BaseTrainer._setup_train BaseTrainer.check_resume BaseTrainer.get_dataset BaseTrainer.setup_model
    BaseTrainer.train ClassificationDataset.cache_images ClassificationDataset.imread
    ClassificationDataset.verify_images ClassificationModel._from_yaml ClassificationTrainer.get_model
    ClassificationValidator.plot_predictions ClassificationValidator.plot_val_samples ConfusionMatrix.plot_matches
    ConsoleLogger._flush_buffer ConsoleLogger._flush_worker ConsoleLogger._queue_log ConsoleLogger._write_destination
    ConsoleLogger.stop_capture DepthDataset._load_depth DepthDataset.get_image_and_label
    DepthValidator.plot_predictions DetectionTrainer.get_model DetectionValidator.plot_predictions
    DetectionValidator.plot_val_samples Exporter._int8_calibration_images Exporter.export_ascend
    Exporter.export_axelera Exporter.export_coreml Exporter.export_deepx Exporter.export_edgetpu
    Exporter.export_engine Exporter.export_hailo Exporter.export_imx Exporter.export_litert Exporter.export_mnn
    Exporter.export_onnx Exporter.export_openvino Exporter.export_qnn Exporter.export_rknn
    Exporter.export_saved_model Exporter.export_torchscript Exporter.export_xilinx
    Exporter.get_int8_calibration_dataloader GroundingDataset.get_labels Model._load Model._new Model._val_data
    Model.benchmark Model.train Model.val MultiTrainer.train NAS._load OBBValidator.plot_predictions
    ParkingPtsSelection.upload_image PoseTrainer.get_model PyTorchBackend.load_model Results.plot Results.save
    Results.show SAM._load SAM3Predictor.get_model SAM3SemanticPredictor.get_model
    SAM3VideoSemanticPredictor.setup_model SemanticDataset.get_image_and_label SemanticDataset.load_mask
    SemanticSegmentationTrainer.get_model SemanticSegmentationValidator.plot_predictions
    TorchScriptBackend.load_model VisualAISearch.extract_image_feature VisualAISearch.load_or_build_index
    WorldModel.get_text_pe WorldModel.set_classes WorldTrainer.build_dataset WorldTrainer.generate_text_embeddings
    WorldTrainer.set_text_embeddings WorldTrainerFromScratch.build_dataset WorldTrainerFromScratch.check_data_config
    WorldTrainerFromScratch.get_dataset YOLODataset._load_or_scan_cache YOLODataset.get_labels YOLOE.predict
    YOLOE.val YOLOEDetectValidator.get_model YOLOEModel.get_text_pe YOLOEModel.get_vocab
    YOLOETrainerFromScratch.build_dataset YOLOETrainerFromScratch.generate_text_embeddings
    YOLOEVPDetectPredictor.get_vpe _DriveInfo._macos_mounts _SafeLoad.loading _build_sam _build_sam2
    _convert_ndjson_to_yolo _exif_jpeg _image_open _imread_pil _initialize_yolo_model _load_checkpoint
    _load_migraphx_session _log_tensorboard_graph _migraphx_cache_dir _post _register_migraphx_ep _replace_image
    _torch_save _upload_model auto_annotate autocast_list autosplit benchmark build_encoder build_interactive_sam3
    build_mobile_sam build_sam2_b build_sam2_l build_sam2_s build_sam2_t build_sam3_image_model build_sam_vit_b
    build_sam_vit_h build_sam_vit_l build_text_model calibrate_checkpoint check_apt_requirements check_cls_dataset
    check_data_portable check_det_dataset check_file check_font check_image check_source check_yaml
    compress_one_image convert_coco convert_ndjson_to_yolo convert_ndjson_to_yolo_if_needed
    convert_segment_masks_to_yolo_seg convert_to_multispectral crop_and_save ddp_cleanup default_class_names
    entrypoint exif_size generate_ddp_command generate_ddp_file handle_yolo_solutions image_open import_execstack
    imread is_url load_checkpoint load_dataset_cache_file load_depth load_inference_source load_yolo_dota
    on_predict_start on_pretrain_routine_start on_train_end on_train_start onnx2ascend onnx2deepx onnx2engine
    onnx2rknn onnx2saved_model onnx2xilinx parse_model plot_images read_mask safe_upload save_dataset_cache_file
    spaces_in_path split_classify_dataset split_images_and_labels split_trainval strip_optimizer temporary_modules
    tflite2edgetpu torch2axelera torch2coreml torch2executorch torch2imx torch2ncnn torch2onnx torch2openvino
    torch2paddle torch2torchscript torch_save verify_image verify_image_depth verify_image_label verify_image_mask
    visualize_image_annotations yaml_model_load yolo_bbox2segment zip_directory
  `,
  ultralytics_platform: `
    cloud_export cloud_predict cloud_train package_dataset save_predictions upload_file upload_model
  `,
  wrapt: `
    _ImportHookChainedLoader._self_exec_module _ImportHookChainedLoader._self_load_module
    _create_import_hook_from_string decorator discover_post_import_hooks patch_function_wrapper
    register_post_import_hook resolve_owner resolve_path scoped_function_wrapper transient_function_wrapper
    unwrap_object wrap_function_wrapper wrap_object wrap_object_attribute
  `,
};
