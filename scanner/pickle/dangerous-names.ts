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
    CodeType DisplayViewer.show_file EogViewer.show_file FontFile.save GmDisplayViewer.show_file Image._dump
    Image._repr_image Image.save Image.toqimage Image.toqpixmap ImageFile.get_child_images ImageFont._load_pilfont
    ImagePalette.save JpegImageFile.load_djpeg MacViewer.show_file MorphOp.save_lut Parser.close Parser.feed
    Viewer._remove_path_after_delay Viewer.show Viewer.show_file Viewer.show_image WindowsViewer.show_file
    XDGViewer.show_file XVViewer.show_file _get_image_from_kw _import_plugin_for_extension _save _save_all
    _toqclass_helper check check_feature check_module grab loadImageSeries toqimage toqpixmap version version_feature
    version_module
  `,
  accelerate: `
    Accelerator.load_state Accelerator.save_model Accelerator.save_state BaseConfig.to_json_file
    BaseConfig.to_yaml_file DataLoaderDispatcher._fetch_batches TempDirTestCase.setUp TempDirTestCase.tearDownClass
    TensorBoardTracker.store_init_configuration broadcast_object_list deepspeed_launcher disk_offload dispatch_model
    load_accelerator_state load_and_quantize_model load_checkpoint_and_dispatch load_checkpoint_in_model
    load_custom_state load_fsdp_optimizer merge_command merge_fsdp_weights offload_state_dict save_accelerator_state
    save_fsdp_model save_fsdp_optimizer save_offload_index simple_launcher to_fsdp2_command tpu_command_launcher
    tpu_launcher training_function
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
    CliRunner.isolated_filesystem Command.format_epilog Command.format_help Command.format_help_text Command.get_help
    Editor.edit_files File.convert _AtomicFile.close _pipepager _tempfilepager _wrap_io_open launch open_stream
    open_url
  `,
  dateutil: `
    _run_zic rebuild tzres
  `,
  diffusers: `
    AceStepLoraLoaderMixin.load_lora_weights AceStepLoraLoaderMixin.lora_state_dict
    AnimaLoraLoaderMixin.load_lora_weights AnimaLoraLoaderMixin.lora_state_dict
    AuraFlowLoraLoaderMixin.load_lora_weights AuraFlowLoraLoaderMixin.lora_state_dict AutoModel.from_config
    BaseGuidance.save_pretrained BriaFibo2LoraLoaderMixin.load_lora_weights BriaFibo2LoraLoaderMixin.lora_state_dict
    ChatGLMTokenizer.save_vocabulary CogVideoXLoraLoaderMixin.load_lora_weights
    CogVideoXLoraLoaderMixin.lora_state_dict CogView4LoraLoaderMixin.load_lora_weights
    CogView4LoraLoaderMixin.lora_state_dict ConfigMixin.from_config ConfigMixin.get_config_dict
    ConfigMixin.load_config ConfigMixin.save_config ConfigMixin.to_json_file CosmosLoraLoaderMixin.load_lora_weights
    CosmosLoraLoaderMixin.lora_state_dict DiffusionPipeline.from_pipe DiffusionPipeline.save_pretrained
    ErnieImageLoraLoaderMixin.load_lora_weights ErnieImageLoraLoaderMixin.lora_state_dict
    Flux2LoraLoaderMixin.load_lora_weights Flux2LoraLoaderMixin.lora_state_dict
    Flux3LoraLoaderMixin.load_lora_weights Flux3LoraLoaderMixin.lora_state_dict FluxControlNetModel.from_transformer
    FluxIPAdapterMixin.load_ip_adapter FluxLoraLoaderMixin.load_lora_weights FluxLoraLoaderMixin.lora_state_dict
    FromOriginalModelMixin.from_single_file FromSingleFileMixin.from_single_file
    HeliosLoraLoaderMixin.load_lora_weights HeliosLoraLoaderMixin.lora_state_dict
    HiDreamImageLoraLoaderMixin.load_lora_weights HiDreamImageLoraLoaderMixin.lora_state_dict
    HunyuanVideoLoraLoaderMixin.load_lora_weights HunyuanVideoLoraLoaderMixin.lora_state_dict
    IPAdapterMixin.load_ip_adapter Ideogram4LoraLoaderMixin.load_lora_weights
    Ideogram4LoraLoaderMixin.lora_state_dict KandinskyLoraLoaderMixin.load_lora_weights
    KandinskyLoraLoaderMixin.lora_state_dict Krea2LoraLoaderMixin.load_lora_weights
    Krea2LoraLoaderMixin.lora_state_dict LTX2LoraLoaderMixin.load_lora_weights LTX2LoraLoaderMixin.lora_state_dict
    LTXEulerAncestralRFScheduler.set_timesteps LTXVideoLoraLoaderMixin.load_lora_weights
    LTXVideoLoraLoaderMixin.lora_state_dict Lumina2LoraLoaderMixin.load_lora_weights
    Lumina2LoraLoaderMixin.lora_state_dict MellonPipelineConfig.save MellonPipelineConfig.to_json_file
    MiniMaxH3LoraLoaderMixin.load_lora_weights MiniMaxH3LoraLoaderMixin.lora_state_dict
    Mochi1LoraLoaderMixin.load_lora_weights Mochi1LoraLoaderMixin.lora_state_dict ModelMixin._load_pretrained_model
    ModelMixin.save_pretrained ModularIPAdapterMixin.load_ip_adapter ModularPipeline._dict_to_component_spec
    ModularPipeline._load_pipeline_config ModularPipeline.save_pretrained ModularPipelineBlocks.save_pretrained
    OmniGenMultiModalProcessor.process_image OnnxRuntimeModel._from_pretrained OnnxRuntimeModel._save_pretrained
    OnnxRuntimeModel.save_pretrained PeftAdapterMixin.load_lora_adapter QuantizationConfigMixin.to_json_file
    QwenImageControlNetModel.from_transformer QwenImageLoraLoaderMixin.load_lora_weights
    QwenImageLoraLoaderMixin.lora_state_dict RFD4ProteinaLoraLoaderMixin.load_lora_weights
    RFD4ProteinaLoraLoaderMixin.lora_state_dict ReturnNameVisitor.get_ast_tree SD3ControlNetModel.from_transformer
    SD3IPAdapterMixin.load_ip_adapter SD3LoraLoaderMixin.load_lora_weights SD3LoraLoaderMixin.lora_state_dict
    SanaLoraLoaderMixin.load_lora_weights SanaLoraLoaderMixin.lora_state_dict SkillsCommand._add
    SkillsCommand._update SkyReelsV2LoraLoaderMixin.load_lora_weights SkyReelsV2LoraLoaderMixin.lora_state_dict
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
    AFM.write BaseConverter.isEnabled BaseTable.decompile BaseTable.ensureDecompiled BaseTable.populateDefaults
    BaseTable.toXML BaseTable.toXML2 COLR.decompile DataFilesHandler.tearDown DataFilesHandler.temp_font
    ElementTree.write FS.copydir FS.create FS.writebytes FeatureParams.toXML FontBuilder._initTableWithValues
    FontBuilder.setupGlyf FontBuilder.setupGvar FontBuilder.setupHorizontalHeader FontBuilder.setupHorizontalMetrics
    FontBuilder.setupMaxp FontBuilder.setupMetrics FontBuilder.setupVerticalHeader FontBuilder.setupVerticalMetrics
    FormatSwitchingBaseTable.toXML LookupList.toXML2 Merger.merge OSFS.removetree Subsetter._prune_post_subset
    Subsetter._prune_pre_subset Subsetter._subset_glyphs Subsetter.subset T1Font.saveAs TTCollection.save
    TTCollection.saveXML TTFont._readTable TTFont._save TTFont._saveXML TTFont._writeTable TTFont.save TTFont.saveXML
    TempFS.clean TempFS.close UFOWriter.close UFOWriter.copyFromReader UFOWriter.copyImageFromReader
    UFOWriter.getFileObjectForPath WOFF2Reader._decompileTable WOFF2Writer._decompileTable
    WOFF2Writer._transformTables WOFF2Writer.close WOFF2Writer.transformTable WriteZipFS.close
    XMLReader._startElementHandler _UFOBaseIO._writePlist _add_VHVAR _add_gvar _convert_table _convert_tables
    _copytree _font_to_quadratic _get_writer _is_gnu_diff _main _writeExtFileImageData build buildConverters
    build_many copy_dir copy_file copy_fs getCustomTableClass getTableClass getTableModule green main newTable
    parseGSUBGPOS parseOptions printGreenPen run_benchmark run_external_diff table__g_l_y_f.toXML write writeOther
    writePFB writePlist writelines
  `,
  functorch: `
    FunctionType _create_rearrange_callable aot_function aot_module aot_module_simplified compiled_function
    compiled_module debug_compile magic_trace memory_efficient_fusion nnc_jit rearrange ts_compile
  `,
  joblib: `
    FileSystemStoreBackend.clear_location FileSystemStoreBackend.configure StoreBackendMixin.dump_item
    TemporaryResourcesManager._clean_temporary_resources TemporaryResourcesManager.register_folder_finalizer
    TemporaryResourcesManager.register_new_context TemporaryResourcesManager.set_current_context
    _ExecutorManagerThread.flag_executor_shutting_down _ExecutorManagerThread.kill_workers
    _ExecutorManagerThread.terminate_broken _fixup_main_from_name _fixup_main_from_path _kill
    _kill_process_tree_without_psutil _posix_recursive_kill _reconstruct_wrapper _windows_taskkill_process_tree
    check_subprocess_call concurrency_safe_rename delete_folder dump kill_process_tree main prepare
    recursive_terminate replace rm_subdirs set_loky_pickler unlink_file
  `,
  lightning: `
    AdvancedProfiler._dump_stats AdvancedProfiler.summary BitsandbytesPrecision.module_init_context
    CSVLogger.experiment DDPStrategy.broadcast DeepSpeedStrategy.load_checkpoint DeepSpeedStrategy.save_checkpoint
    ExperimentWriter.log_hparams FSDPStrategy.broadcast FSDPStrategy.load_checkpoint FSDPStrategy.save_checkpoint
    LightningCLI._add_configure_optimizers_method_to_model LightningCLI.instantiate_classes
    LightningDataModule.load_from_checkpoint LightningModule.load_from_checkpoint LightningModule.to_onnx
    LightningModule.to_torchscript ModelCheckpoint._link_checkpoint ModelCheckpoint._save_last_checkpoint
    ModelCheckpoint.on_exception ModelCheckpoint.on_train_batch_end ModelCheckpoint.on_train_end
    ModelCheckpoint.on_train_epoch_end ModelCheckpoint.on_validation_end ModelCheckpoint.setup
    ModelCheckpoint.to_yaml ModelParallelStrategy.broadcast ModelParallelStrategy.load_checkpoint
    ModelParallelStrategy.optimizer_state ModelParallelStrategy.save_checkpoint Profiler._prepare_streams
    Profiler.describe SaveConfigCallback.setup ServableModuleValidator.on_train_start SpikeDetection._handle_spike
    SpikeDetection.on_train_batch_end TensorBoardLogger.finalize TensorBoardLogger.save
    TorchCheckpointIO.load_checkpoint TorchCheckpointIO.remove_checkpoint TorchCheckpointIO.save_checkpoint
    TorchCollective.all_gather_object TorchCollective.broadcast_object_list TorchCollective.gather_object
    TorchCollective.scatter_object_list XLACheckpointIO.save_checkpoint XLAFSDPStrategy.broadcast
    XLAFSDPStrategy.load_checkpoint XLAFSDPStrategy.save_checkpoint XLAStrategy.broadcast
    _CheckpointConnector._hpc_resume_path _CheckpointConnector._parse_ckpt_path
    _CheckpointConnector._select_ckpt_path _CheckpointConnector.hpc_save_path _ChildProcessObserver._run
    _ChildProcessObserver._terminate_all _ExperimentWriter._rewrite_with_new_header _ExperimentWriter.save
    _MNIST._try_load _MNIST.prepare_data _MultiProcessingLauncher.kill
    _SubprocessScriptLauncher._call_children_scripts _SubprocessScriptLauncher.launch _atomic_save _compare_version
    _consolidate _load _load_checkpoint _load_distributed_checkpoint _load_from_checkpoint _load_py_module
    _load_raw_module_state_from_path _save_checkpoint _try_import_module _upgrade call_register_accelerators
    compare_version convert_zero_checkpoint_to_fp32_state_dict copyfile get_filesystem get_nvidia_gpu_stats
    instantiate_class load_hparams_from_tags_csv module_available module_from_spec pl_load save_hparams_to_tags_csv
    save_hparams_to_yaml spec_from_file_location url_to_fs
  `,
  lightning_fabric: `
    BitsandbytesPrecision.module_init_context CSVLogger.experiment DDPStrategy.broadcast
    DeepSpeedStrategy.load_checkpoint DeepSpeedStrategy.save_checkpoint FSDPStrategy.broadcast
    FSDPStrategy.load_checkpoint FSDPStrategy.save_checkpoint ModelParallelStrategy.broadcast
    ModelParallelStrategy.load_checkpoint ModelParallelStrategy.save_checkpoint SpikeDetection._handle_spike
    SpikeDetection.on_train_batch_end TorchCheckpointIO.load_checkpoint TorchCheckpointIO.remove_checkpoint
    TorchCheckpointIO.save_checkpoint TorchCollective.all_gather_object TorchCollective.broadcast_object_list
    TorchCollective.gather_object TorchCollective.scatter_object_list XLACheckpointIO.save_checkpoint
    XLAFSDPStrategy.broadcast XLAFSDPStrategy.load_checkpoint XLAFSDPStrategy.save_checkpoint XLAStrategy.broadcast
    _ChildProcessObserver._run _ChildProcessObserver._terminate_all _ExperimentWriter._rewrite_with_new_header
    _ExperimentWriter.save _SubprocessScriptLauncher._call_children_scripts _SubprocessScriptLauncher.launch
    _atomic_save _consolidate _load _load_checkpoint _load_distributed_checkpoint _load_py_module
    _load_raw_module_state_from_path _save_checkpoint call_register_accelerators compare_version get_filesystem
    module_available module_from_spec pl_load spec_from_file_location url_to_fs
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
    FigureCanvasAgg.print_raw FigureCanvasBase._switch_canvas_and_return_print_method FigureCanvasBase.print_figure
    FigureCanvasPS._print_figure FigureCanvasPS._print_figure_tex FigureCanvasPdf.print_pdf FigureCanvasPgf.print_pdf
    FigureCanvasPgf.print_pgf FigureCanvasPgf.print_png FigureCanvasSVG.print_svg FigureCanvasSVG.print_svgz
    FileMovieWriter.finish FileMovieWriter.grab_frame HTMLWriter.finish LatexManager._get_box_metrics
    LatexManager._setup_latex_process LatexManager._stdin_writeln LatexManager.get_width_height_descent
    MovieWriter._run MovieWriter.setup NavigationToolbar2Tk._Button NavigationToolbar2Tk._rescale
    NavigationToolbar2Tk._set_image_for_button NavigationToolbar2Wx._icon PdfPages._ensure_file PdfPages._run_latex
    PdfPages.attach_note PdfPages.close PdfPages.get_pagecount PdfPages.infodict PsfontsMap._parse_and_cache_line
    TexManager.get_grey TexManager.get_rgba TexManager.get_text_width_height_descent TexManager.make_dvi
    TexManager.make_png TexManager.make_tex ToolbarTk._rescale ToolbarTk.add_toolitem ToolbarWx.add_toolitem
    _ImageComparisonBase.compare _ImageComparisonBase.copy_baseline _check_for_pgf _convert_psfrags _copy_css_file
    _copy_images_figmpl _fontfile _has_tex_package _load_image _move_path_to_path_or_stream _pytest_image_comparison
    _raise_on_image_difference _rc_params_in_file _read_style_directory _split_code_at_show compare_images
    contains_doctest context convert find_tex_file get_registered_canvas_class graphviz_dump_transform gs_distill
    image_comparison json_dump pstoeps rc_context rc_file rc_params_from_file read_style_directory render_figures
    save_diff_image subprocess_run_for_testing subprocess_run_helper to_filehandle use visit_figmpl_html
    visit_figmpl_latex xpdf_distill
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
    CCompilerOpt._generate_config CCompilerOpt._wrap_target CCompilerOpt.generate_dispatch_header
    CCompilerOpt.try_dispatch Configuration._get_configuration_from_setup_py Configuration._get_hg_revision
    Configuration._get_svn_revision Configuration._wildcard_get_subpackage Configuration.add_extension
    Configuration.add_subpackage Configuration.get_subpackage Configuration.get_version
    Configuration.make_hg_version_py Configuration.make_svn_version_py FFI Gnu95FCompiler._universal_flags
    Gnu95FCompiler.get_flags Gnu95FCompiler.get_flags_linker_so Gnu95FCompiler.get_libraries
    Gnu95FCompiler.get_library_dirs Gnu95FCompiler.get_target GnuFCompiler.get_libgcc_dir
    GnuFCompiler.get_libgfortran_dir GnuFCompiler.get_libraries GnuFCompiler.get_library_dirs
    MesonBackend._move_exec_to_root MesonBackend.run_meson MesonBackend.write_meson_build Repository._findfile
    Repository.exists _CCompiler.cc_test_cexpr _Cache.cache_flush _Distutils._dist_test_spawn
    _Distutils._dist_test_spawn_paths _Distutils.dist_load_module _c_compile _can_target _customized_ccompiler
    _distutils_new_compiler _dump _eval_length _eval_scalar _makenamedict _numpy_info.calc_info _open
    _pkg_config_info.calc_info _pkg_config_info.get_config_output _prepare_objects _prepare_sources _read _savez
    _ufunc_reconstruct add_newdoc add_newdoc_for_scalar_type analyzebody analyzeline analyzevars build
    build_and_import_extension build_clib.build_a_library build_clib.build_libraries
    build_ext._libs_with_msvc_and_fortran build_ext.build_extension build_src._build_npy_pkg_config
    build_src.build_extension_sources build_src.build_library_sources build_src.build_npy_pkg_config
    build_src.build_sources build_src.f2py_sources build_src.template_sources buildapi buildcallback buildcallbacks
    buildhooks buildmodule buildmodules callcrackfortran cb_routsign2map cb_sign2map command_by_line command_info
    common_sign2map compile_extension_module config._link config.get_output crack2fortran crack2fortrangen
    crackfortran crackline customized_ccompiler cyg2win32 dos2unix dos2unix_one_dir dump_table exec_mod_from_location
    fromregex generate_config_py generate_def generate_manifest get_parameters get_path_from_frame get_useparameters
    getinit getlincoef getnm getpydocsign info is_free_format key_value_from_command l_and l_or load_f2cmap_file
    measure myeval new_ccompiler_opt new_compiler open_memmap openblas_info._calc_info openblas_info.calc_info
    openblas_info.check_msvc_gfortran_libs openhook postcrack postcrack2 read_array readfortrancode recfromcsv
    recfromtxt routsign2map run_main rundocs runstring savez_compressed sign2map subst_vars tempdir temppath timeit
    unix2dos unix2dos_one_dir vars2fortran
  `,
  omegaconf: `
    BaseContainer._list_merge BaseContainer._map_merge BaseContainer._merge_with BaseContainer._resolve_with_default
    BaseContainer._set_item_impl BaseContainer._wrap_value_and_set BaseContainer.merge_with
    BaseContainer.merge_with_dotlist Container._maybe_resolve_interpolation
    Container._resolve_interpolation_from_parse_tree Container._validate_and_convert_interpolation_result
    DictConfig._get_impl DictConfig._promote DictConfig._set_value DictConfig._set_value_impl DictConfig.get
    DictConfig.pop DictConfig.setdefault ListConfig._set_at_index ListConfig._set_value ListConfig._set_value_impl
    ListConfig.append ListConfig.extend ListConfig.get ListConfig.insert ListConfig.pop OmegaConf._create_impl
    OmegaConf.masked_copy OmegaConf.save OmegaConf.typed_dict OmegaConf.typed_list OmegaConf.typed_tuple
    TupleConfig._new_with_fixed_type TupleConfig._set_item_for_resolution TupleConfig._set_value
    TupleConfig._set_value_impl TupleConfig.get UnionNode._set_container_value UnionNode._set_mapping_value
    UnionNode._set_structured_config_value UnionNode._set_value UnionNode._set_value_impl
    _create_structured_with_missing_fields _deep_update_subnode _deep_update_type_hint _get_class _maybe_wrap
    _node_wrap _resolve_forward _shallow_validate_type_hint _update_types coerce extract_dict_subclass_data
    get_attr_data get_dataclass_data get_structured_config_data
  `,
  pandas: `
    BaseExprVisitor.visit_Subscript DataFrameRenderer.to_html DataFrameRenderer.to_string FastParquetImpl.write
    NDFrame.to_hdf NumExprEngine._evaluate PyArrowImpl.read PyArrowImpl.write StataWriter.write_file
    _evaluate_numexpr _get_buffer _get_filepath_or_buffer _get_path_or_handle _get_plot_backend _load_backend
    _where_numexpr boxplot_frame boxplot_frame_groupby hist_frame hist_series read_hdf register_plotting_backend_cb
    round_trip_pickle save_to_buffer show_versions to_hdf
  `,
  polars: `
    Config.save_to_file ConnectionExecutor._check_module_version ConnectionExecutor._from_arrow
    CredentialProviderAzure._azcli CredentialProviderAzure._azcli_version
    CredentialProviderAzure._get_azure_storage_account_key_az_cli
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
    FontManager._create_nix FontManager._get_nix_font_path HtmlFormatter._wrap_full HtmlFormatter.format_unencoded
    _load_formatters _load_lexers _lookup_style get_lua_functions get_style_by_name load_formatter_from_file
    load_lexer_from_file main main_inner regenerate update_consts
  `,
  pytorch_lightning: `
    AdvancedProfiler._dump_stats AdvancedProfiler.summary DDPStrategy.broadcast DeepSpeedStrategy.load_checkpoint
    DeepSpeedStrategy.save_checkpoint ExperimentWriter.log_hparams FSDPStrategy.broadcast
    FSDPStrategy.load_checkpoint FSDPStrategy.save_checkpoint LightningCLI._add_configure_optimizers_method_to_model
    LightningCLI.instantiate_classes LightningDataModule.load_from_checkpoint LightningModule.load_from_checkpoint
    LightningModule.to_onnx LightningModule.to_torchscript ModelCheckpoint._link_checkpoint
    ModelCheckpoint._save_last_checkpoint ModelCheckpoint.on_exception ModelCheckpoint.on_train_batch_end
    ModelCheckpoint.on_train_end ModelCheckpoint.on_train_epoch_end ModelCheckpoint.on_validation_end
    ModelCheckpoint.setup ModelCheckpoint.to_yaml ModelParallelStrategy.broadcast
    ModelParallelStrategy.load_checkpoint ModelParallelStrategy.optimizer_state ModelParallelStrategy.save_checkpoint
    Profiler._prepare_streams Profiler.describe SaveConfigCallback.setup ServableModuleValidator.on_train_start
    SpikeDetection.on_train_batch_end TensorBoardLogger.finalize TensorBoardLogger.save XLAStrategy.broadcast
    _CheckpointConnector._hpc_resume_path _CheckpointConnector._parse_ckpt_path
    _CheckpointConnector._select_ckpt_path _CheckpointConnector.hpc_save_path _MNIST._try_load _MNIST.prepare_data
    _MultiProcessingLauncher.kill _SubprocessScriptLauncher._call_children_scripts _SubprocessScriptLauncher.launch
    _compare_version _load_checkpoint _load_distributed_checkpoint _load_from_checkpoint _load_py_module
    _try_import_module _upgrade compare_version convert_zero_checkpoint_to_fp32_state_dict copyfile get_filesystem
    get_nvidia_gpu_stats instantiate_class load_hparams_from_tags_csv module_available module_from_spec pl_load
    save_hparams_to_tags_csv save_hparams_to_yaml spec_from_file_location url_to_fs
  `,
  rich: `
    Console._check_buffer Console._exit_buffer Console._write_buffer Console.end_capture Console.save_html
    Console.save_svg Console.save_text Console.update_screen Console.update_screen_lines
    LegacyWindowsTerm.write_styled Style.meta Syntax.get_theme Traceback._render_stack _cell_len _split_text
    cached_cell_len cell_len chop_cells get_character_cell_size get_style_by_name legacy_windows_render
    load_cell_table set_cell_size split_graphemes split_text
  `,
  scipy: `
    MMFile._open MMFile.info MMFile.read MMFile.write ODR VarWriter4.write VarWriter4.write_char
    VarWriter4.write_header VarWriter4.write_numeric VarWriter4.write_sparse VarWriter5._write_items
    VarWriter5.update_matrix_tag VarWriter5.write VarWriter5.write_cells VarWriter5.write_char
    VarWriter5.write_element VarWriter5.write_empty_struct VarWriter5.write_header VarWriter5.write_numeric
    VarWriter5.write_object VarWriter5.write_regular_element VarWriter5.write_smalldata_element
    VarWriter5.write_sparse VarWriter5.write_struct VarWriter5.write_top _clear_cache _make_tuple_bunch
    _nonlin_wrapper _sub_module_deprecation _test_cython_extension _timeit_fast add_newdoc clear_cache clone_module
    cpenmsg delegate_xp fmsg get_matfile_version hb_write loadmat main make_flat_capabilities_table
    mat_reader_factory matfile_version mminfo module_from_spec netcdf_file pickle_function readsav retmsg rhomsg
    rv_continuous._attach_methods rv_discrete._attach_methods rv_generic._attach_argparser_methods
    rv_sample._attach_methods savemat show_options spec_from_file_location unpickle_function whosmat write
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
    AOTAutogradCache._write_to_local_cache AOTAutogradCache.save AOTAutogradCache.try_load
    AOTAutogradCacheArtifact.populate_cache AOTAutogradCachePickler._format_global_for_cache_key
    AOTAutogradCachePickler._reduce_graph_module_for_cache_key AOTAutogradCachePickler.reducer_override
    AOTCompiledArtifact.save AOTCompiledFunction._seed_guard_scope AOTCompiledFunction.save_compiled_function
    AOTCompiledModel.deserialize AOTDispatchSubclassWrapper.post_compile AST_Rewriter.rewrite
    AlgorithmSelectorCache.do_autotuning AlgorithmSelectorCache.log_results AlgorithmSelectorCache.make_precompile_fn
    AlgorithmSelectorCache.maybe_log_mm_results AnnotateTypesWithSchema.get_attr
    AssociativeScanHigherOrderVariable._call_function AsyncCompile._load_kernel_wrapper AsyncCompile.cpp
    AsyncCompile.cpp_pybinding AsyncCompile.cutedsl AsyncCompile.flydsl AsyncCompile.halide
    AsyncCompile.nv_universal_gemm AsyncCompile.pallas AsyncCompile.rocm AttributeTypeIsSupportedChecker.check
    AutoFunctionalizeHigherOrderVariable._call_function AutoHeuristic.save_data
    AutoHeuristicSelectAlgorithm.register_global_feedback AutogradCompilerInstance.accumulate
    AutogradCompilerInstance.accumulate_grad AutogradCompilerInstance.apply_functional
    AutogradCompilerInstance.begin_capture AutogradCompilerInstance.bind_objects_to_proxies
    AutogradCompilerInstance.call_copy_slices_epilogue AutogradCompilerInstance.call_copy_slices_prologue
    AutogradCompilerInstance.cpp_tensor_pre_hook AutogradCompilerInstance.post_acc_grad_hook
    AutogradCompilerInstance.post_hook AutogradCompilerInstance.pre_hook AutogradCompilerInstance.proxy_call
    AutogradCompilerInstance.proxy_call_aot_backward AutogradCompilerInstance.proxy_call_backward
    AutogradCompilerInstance.tensor_pre_hook AutogradCompilerInstance.unpack_hook
    AutogradCompilerInstance.validate_outputs AutogradFunctionApplyVariable.call_function
    AutogradFunctionApplyVariable.prepare_ctx_vt AutogradFunctionApplyVariable.trace_backward_graph
    AutogradFunctionApplyVariable.trace_forward_graph AutogradFunctionVariable.apply BackwardHookVariable._setup_hook
    BackwardHookVariable.setup_input_hook BackwardHookVariable.setup_output_hook BaseHOP._call_ProxyTorchDispatchMode
    BaseHOPVariable._call_function BaseListVariable._seq_richcompare BaseSchedulerNode._get_estimated_runtime
    BaseSchedulerNode.get_coalesce_analysis BaseSchedulerNode.get_estimated_runtime BaseSchedulerNode.get_tiling
    BaseScheduling.fuse BaseView.get_reads BlockDescriptorOptions.compute_boundary_check
    BlockDescriptorOptions.remove_roffsets BlockDescriptorOptions.replace_offset BlockMask._unflatten
    BlockPatternMatcher.match_mod_div_block_expr BlockPtrOptions.advance_roffset BlockPtrOptions.format
    BlockPtrOptions.remove_roffsets BlockPtrOptions.replace_offset BroadcastingTorchSaveReader.read_data
    BuckTargetWriter.write BuildExtension._check_abi BuildExtension.build_extensions
    BuildOptionsBase.save_flags_to_json BuiltinVariable._call_min_max_binary BuiltinVariable._comparison_with_symnode
    BuiltinVariable._comparison_with_tensor BuiltinVariable._constant_eval_result BuiltinVariable._dyn_proxy
    BuiltinVariable._handle_insert_op_in_graph BuiltinVariable.call_not_
    BundledAOTAutogradSerializableCallable.deserialize_compile_artifacts BundledOutputCodeLoadable.post_compile
    BytesWriter.write_str C10dHealthCheckHandler._fetch_dumps C10dHealthCheckHandler._handle
    C10dHealthCheckHandler.dump CUDACodeCache._compile_command CUTLASSCodeCache._record_compile_error
    CUTLASSCodeCache.write CUTLASSTemplateKernel.row_or_column_stride CacheArtifact.serialize
    CacheBase.update_local_cache CacheCompiledArtifact._to_binary_bytes CacheCompiledArtifact.save
    CachingAutotuner._build_fast_launcher CachingAutotuner._pre_launch CachingAutotuner.save_cpu_kernel
    CachingAutotuner.save_gpu_kernel CallTorchbindHigherOrderVariable._call_function ChainedSource.get_value
    CheckpointHigherOrderVariable._call_function CheckpointReader._partial_read CheckpointReader.read
    CheckpointWriter.write CodeType CommDebugMode.generate_json_dump
    CommDebugMode.log_comm_debug_tracing_table_to_file CommonRemoteModuleTest._create_remote_module_iter
    CompilePackage.initialize CompilePackage.install CompilePool.poll CompileResult._gen_launcher_code
    CompiledAOTI.post_compile CompiledFxGraph.after_deserialization CompiledFxGraph.write_to_disk
    CompilerBisector.add_call_counter_debug_info CompilerBisector.advance_backend CompilerBisector.advance_subsystem
    CompilerBisector.clear_call_counter_debug_info CompilerBisector.delete_bisect_status
    CompilerBisector.disable_subsystem CompilerBisector.do_bisect CompilerBisector.get_config_change
    CompilerBisector.initialize_system CompilerBisector.process_subsystem CompilerBisector.reset_counters
    CompilerBisector.set_config_values CompilerBisector.update_bisect_range CompilerBisector.update_bisect_status
    CompilerBisector.update_config_change CompilerBisector.update_run_state CompilerBisector.write_lines_to_file
    ComptimeVariable.call_function ComputedBuffer.decide_layout ComputedBuffer.get_fill_order
    ComputedBuffer.get_free_symbol_uses ComputedBuffer.get_read_writes ConcatKernel.create
    ConcreteTypeStore.get_or_create_concrete_type CondHigherOrderVariable._call_function ConfigFuzzer.load_state
    ConfigFuzzer.save_state ConfigModule._get_alias_module_and_name ConfigModule._get_alias_val
    ConfigModule._set_alias_val ConfigModule.codegen_config ConfigModule.load_config ConnectionWrapper.recv
    ConstantVariable.call_method ContentStoreWriter.write_storage ContentStoreWriter.write_tensor
    ContinueExecutionCache.generate ContinueExecutionCache.generate_based_on_original_code_object
    ContinueExecutionCache.lookup ConvolutionBinary.create ConvolutionBinaryInplace.create
    ConvolutionTransposeUnary.create ConvolutionUnary.create CppBenchmarkRequest.make_run_fn
    CppBenchmarkRequest.precompile CppBuilder.build CppBuilder.build_fbcode_re CppBuilder.save_compile_cmd_to_cmake
    CppBuilder.save_kernel_asm_to_cmake CppBuilder.save_link_cmd_to_cmake CppBuilder.save_src_to_cmake
    CppCodeCache.load_async CppFlexAttentionTemplate.choose_flex_template CppFlexAttentionTemplate.render
    CppGemmTemplate.add_choices CppGemmTemplate.block_weight CppGemmTemplate.pack_vnni_weight
    CppGemmTemplate.prep_weight CppGroupedGemmTemplate.add_choices CppKernel.check_bounds CppKernel.index_to_str
    CppKernel.scale_index_with_offset CppKernel.set_ranges CppKernel.store CppKernel.store_reduction
    CppKernelProxy.codegen_functions CppKernelProxy.codegen_loop_bodies CppKernelProxy.codegen_nodes
    CppPythonBindingsCodeCache.load_pybinding CppPythonBindingsCodeCache.load_pybinding_async
    CppScheduling.codegen_node CppScheduling.try_loop_split CppTemplateKernel.define_buffer
    CppTemplateKernel.define_stack_allocated_buffer CppTemplateKernel.index CppTemplateKernel.size
    CppTemplateKernel.slice_nd CppTemplateKernel.store_output CppTemplateKernel.store_outputs
    CppTemplateKernel.stride CppTemplateKernel.view CppTile2DKernel._adjust_argreduce_index
    CppTile2DKernel.gen_transposed_tile_load_store CppTile2DKernel.need_vec_transpose CppTile2DKernel.store
    CppTile2DKernel.transform_indexing CppVecKernel._get_store_line CppVecKernel._load_or_store_non_contiguous
    CppVecKernel._try_get_const_stride CppVecKernel.store CppVecKernel.store_reduction
    CppWrapperCpu.codegen_input_symbol_assignment CppWrapperCpu.generate CppWrapperCpu.write_wrapper_decl
    CppWrapperCpuArrayRef._codegen_v2_raw_input_symbols CppWrapperCpuArrayRef._codegen_v2_raw_prelude
    CppWrapperCpuArrayRef.generate_before_suffix CppWrapperCpuArrayRef.write_wrapper_decl CpuTritonKernelCache.set
    CudaKernelParamCache.set CurrentDeviceVariable.tp_getattro_impl CurrentDeviceVariable.tp_richcompare_impl
    CustomClassObjectVariable.call_method CustomClassObjectVariable.mp_subscript_impl
    CustomClassObjectVariable.tp_getattro_impl CuteDSLBenchmarkRequest.make_run_fn DebugContext._save_profile_data
    DebugContext._setup_log_capture DebugContext.fopen DebugContext.fopen_context DebugContext.upload_tar
    DebugFormatter.output_code DebugMode.save_logs DecompositionInterpreter.get_attr
    DecompositionInterpreter.placeholder DefaultLoadPlanner.load_bytes DefaultLogsSpecs.reify
    DequeVariable.tp_richcompare_impl DeviceCopy.create Dim._derive Dim._derived_name
    DimConstraints._process_derived_dim_roots DimConstraints.prettify_results DimensionInfo.index_str
    DiskDynamoCache.load_and_install_package DiskDynamoStore._write_to_local_cache DiskDynamoStore.clear
    DiskDynamoStore.read DiskDynamoStore.write DistributedTest._DistTestBase._test_allgather_object
    DistributedTest._DistTestBase._test_broadcast_object_list
    DistributedTest._DistTestBase._test_broadcast_object_list_subgroup
    DistributedTest._DistTestBase._test_gather_object DistributedTest._DistTestBase._test_hook_pickling
    DistributedTest._DistTestBase._test_post_localSGD_optimizer_step_reload DistributedTestBase.tearDown
    DynamoBypassingWrapperHigherOrderVariable._call_function DynamoDistributedSingleProcTestCase.tearDownClass
    DynamoOutput._build_guards DynamoOutput.build_guards DynamoProfilerState.dump_stats
    DynamoProfilerState.generate_svg DynamoStore.load_package EpiMod._iface_execute EpiMod.gemm EpiMod.plan
    ErrorHandler._rm ErrorHandler._write_error_file ErrorHandler.dump_error_file ErrorHandler.record_exception
    EtcdServer._start EtcdServer.start EtcdServer.stop EventList.export_chrome_trace EventList.export_stacks
    EventVariable.query ExecutionTraceObserver.cleanup ExecutionTraceObserver.unregister_callback
    ExecutorchCallDelegateHigherOrderVariable._call_function ExportTracepointHigherOrderVariable.call_function
    ExportableModule.to_onnx ExternKernel.canonicalize ExternKernel.process_kernel ExternKernel.require_channels_last
    ExternKernel.require_channels_last_3d ExternKernel.require_contiguous ExternKernel.require_contiguous_strides
    ExternKernel.require_exact_strides ExternKernel.require_stride_order ExternKernel.require_strides
    ExternKernelCaller.output_node FailuresDict._save FailuresDict.save FakeTensorMode._cached_dispatch_impl
    FakeTensorMode._crosscheck_cache_output FakeTensorMode._dispatch_impl FakeTensorMode.dispatch
    FakeTensorProp.run_node FakeTensorUpdater.incremental_update FallbackKernel._materialize_scalar_tensor_args
    FallbackKernel.create FallbackKernel.tensor_to_layout FileBaton.release FileBaton.try_acquire
    FileSystemReader.read_metadata FileTimerClient._open_non_blocking FileTimerClient._send_request
    FileTimerClient.acquire FileTimerClient.release FileTimerServer._reap_worker FileTimerServer._run_watchdog
    FileTimerServer._watchdog_loop FileTimerServer.clear_timers FileTimerServer.is_process_running
    FileTimerServer.run_once FileTimerServer.stop FlexAttentionBackwardHighOrderVariable._call_function
    FlexAttentionBackwardHighOrderVariable._call_function_fallback
    FlexAttentionBackwardHighOrderVariable._derive_joint_graph
    FlexAttentionBackwardHighOrderVariable.create_wrapped_node FlexAttentionBackwardHighOrderVariable.proxy_submod
    FlexAttentionBackwardHighOrderVariable.to_proxy FlexAttentionHigherOrderVariable._call_function
    FlexAttentionHigherOrderVariable.create_wrapped_node FlexGemmHigherOrderVariable._call_function
    FlexibleLayout.as_exact_strides FlexibleLayout.as_fill_order FlexibleLayout.as_same_order
    FlexibleLayout.as_stride_order FlightRecorderHandler._handle_fr_dump_file FlightRecorderHandler._handle_fr_trace
    FlightRecorderHandler._handle_fr_trace_json FlightRecorderHandler._handle_fr_trace_nccl
    FlightRecorderHandler._handle_fr_trace_nccl_json FlightRecorderHandler.dump FlyDSLBenchmarkRequest.make_run_fn
    FullyShardedDataParallel._optim_state_dict_impl FullyShardedDataParallel._optim_state_dict_to_load_impl
    FullyShardedDataParallel.full_optim_state_dict FullyShardedDataParallel.optim_state_dict
    FullyShardedDataParallel.optim_state_dict_to_load FullyShardedDataParallel.scatter_full_optim_state_dict
    FullyShardedDataParallel.sharded_optim_state_dict FunctionPicklerBase._build_function
    FunctionPicklerBase._unpickle_fn_from_module FunctionPicklerBase._unpickle_fn_from_snapshot
    FunctionPicklerBase._unpickle_python_module FunctionType FusedExternTritonKernelSchedulerNode.codegen
    FusedNestedReductions._plan_append FusedNestedReductions._plan_fusion_with FusedNestedReductions.fuse_with
    FxGraphCache._lookup_graph FxGraphCache._save_graph FxGraphCache._write_to_local_cache
    FxGraphCache.cache_hit_post_compile FxGraphCache.load_with_key GemmReductionCompileConfig.from_args
    GraphCaptureOutput.build_guards GraphLowering._compile_to_module GraphLowering._compile_to_module_lines
    GraphLowering.call_function GraphLowering.compile_to_module GraphLowering.get_placeholder_sizes_strides
    GraphLowering.placeholder GraphLowering.run_node GraphLowering.symbolic_sizes_strides_storage_offset
    GraphModule.recompile GraphModule.to_folder GraphModuleDeserializer._parse_sym_expr
    GraphModuleDeserializer.deserialize GraphModuleDeserializer.deserialize_argument_spec
    GraphModuleDeserializer.deserialize_graph GraphModuleDeserializer.deserialize_hoo_inputs
    GraphModuleDeserializer.deserialize_input GraphModuleDeserializer.deserialize_input_spec
    GraphModuleDeserializer.deserialize_inputs GraphModuleDeserializer.deserialize_module_call_graph
    GraphModuleDeserializer.deserialize_module_call_signature GraphModuleDeserializer.deserialize_node
    GraphModuleDeserializer.deserialize_output_spec GraphModuleDeserializer.deserialize_signature
    GraphModuleDeserializer.deserialize_sym_bool GraphModuleDeserializer.deserialize_sym_float
    GraphModuleDeserializer.deserialize_sym_int GraphModuleDeserializer.deserialize_sym_op_inputs
    GraphModuleDeserializer.deserialize_tensor_meta GraphModuleSerializableCallable.deserialize_compile_artifacts
    GraphRuntimeEnv._build_python_wrapper GraphRuntimeEnv.forward_callable GraphTransformObserver._check_disable_pass
    GraphTransformObserver.apply_gm_pass GraphTransformObserver.apply_graph_pass GridExpr.eval_slow
    GuardBuilder.BOOL_MATCH GuardBuilder.BUILTIN_MATCH GuardBuilder.CLASS_MATCH GuardBuilder.CLOSURE_MATCH
    GuardBuilder.CONSTANT_MATCH GuardBuilder.CONSTANT_SUBCLASS_MATCH GuardBuilder.COUNT_ITERATOR_MATCH
    GuardBuilder.COW_TENSOR_MATCH GuardBuilder.CURRENT_STREAM_MATCH GuardBuilder.DEFAULT_DEVICE
    GuardBuilder.DICT_CONTAINS GuardBuilder.DICT_KEYS_MATCH GuardBuilder.DICT_NOT_CONTAINS GuardBuilder.DICT_VERSION
    GuardBuilder.DISPATCH_KEY_SET_MATCH GuardBuilder.DTENSOR_SPEC_MATCH GuardBuilder.DUPLICATE_INPUT
    GuardBuilder.EMPTY_NN_MODULE_HOOKS_DICT GuardBuilder.EQUALS_MATCH GuardBuilder.FAKE_SCRIPT_TYPE_MATCH
    GuardBuilder.FUNCTION_MATCH GuardBuilder.HASATTR GuardBuilder.ID_MATCH GuardBuilder.LIST_REVERSEITERATOR_LEN
    GuardBuilder.MAPPING_KEYS_CHECK GuardBuilder.MODULE_MATCH GuardBuilder.NN_MODULE GuardBuilder.NONE_MATCH
    GuardBuilder.NOT_NONE_MATCH GuardBuilder.NOT_PRESENT_IN_GENERIC_DICT GuardBuilder.OPAQUE_OBJ_GUARD_FN_MATCH
    GuardBuilder.RANGE_ITERATOR_MATCH GuardBuilder.SEQUENCE_LENGTH GuardBuilder.SET_CONTAINS
    GuardBuilder.SET_NOT_CONTAINS GuardBuilder.SHAPE_ENV GuardBuilder.TENSOR_MATCH
    GuardBuilder.TENSOR_SUBCLASS_METADATA_MATCH GuardBuilder.TUPLE_ITERATOR_LEN GuardBuilder.TYPE_MATCH
    GuardBuilder.WEAKREF_ALIVE GuardBuilder.add_python_lambda_leaf_guard_to_root GuardBuilder.get_guard_manager
    GuardBuilder.get_guard_manager_from_source GuardBuilder.guard_on_dict_keys_and_ignore_order
    GuardBuilder.guard_on_dict_keys_and_order GuardBuilder.id_match_unchecked GuardedCache.find_guarded_entry
    GuardedCache.iterate_over_candidates HalideCodeCache.build_standalone_runtime HalideCodeCache.generate_halide
    HalideCodeCache.generate_halide_async HalideKernel.indexing_to_dimensions HalideKernel.install_dims
    HalideKernel.prepare_indexing HalideKernel.store HalideKernel.unrename_indexing
    HintsWrapperHigherOrderVariable._call_function HuggingFaceStorageWriter.finish InMemoryCache.from_env_var
    InMemoryCache.from_file_path IndexPropagation.indirect_indexing InductorCacheArtifact.populate_cache
    InductorChoices.can_fuse InductorCompilePool.wait InlineAsmElementwiseHigherOrderVariable._call_function
    InliningInstructionTranslator.STORE_GLOBAL InliningInstructionTranslator._load_global
    InliningInstructionTranslator.get_globals_source_and_value InliningInstructionTranslator.inline_call_
    InstructionTranslatorBase.BUILD_LIST InstructionTranslatorBase.BUILD_MAP InstructionTranslatorBase.IMPORT_NAME
    InstructionTranslatorBase.create_resume InstructionTranslatorBase.import_source InstructionTranslatorBase.step
    InstructionTranslatorBase.step_graph_break InvokeSubgraph.create InvokeSubgraphHigherOrderVariable._call_function
    JitCommonTestCase.getExportImportCopy JitTestCase.assertExpectedGraph JitTestCase.assertExpectedONNXGraph
    JitTestCase.checkModule JitTestCase.checkScript JitTestCase.checkScriptRaisesRegex JitTestCase.checkTrace
    JitTestCase.getExportImportCopyWithPacking JsonProfile.dump Kernel.rename_indexing Layout._pad_strides
    Layout.as_fixed Layout.make_indexer Layout.pad_strides LinearBinary.create LinearUnary.create
    ListVariable.tp_richcompare_impl LocalCache.set_value LocalCacheBackend._put
    LocalMapWrappedHigherOrderVariable._call_function LocalModRegistry.install LocalTimerServer._reap_worker
    LoopBody.bind_set_indirect_shim LoopBody.indexing_from_args LoopBody.replace_indirect
    LoopIRCuteDSLCodegen._direct_load_index LoopIRCuteDSLCodegen._validate_load_indices LoopIRCuteDSLCodegen.render
    Loops.get_reads MapHigherOrderVariable._call_function Memoizer._dump_to_disk Memoizer._write_dump_to_disk
    MemoryDep.get_offset MemoryDep.normalize MemoryDep.normalize_with_ranges MemoryDep.normalize_with_stride_order
    MemoryEstimator.simulate_codegen MemoryProfileTimeline.export_memory_timeline
    MemoryProfileTimeline.export_memory_timeline_html MemoryProfileTimeline.export_memory_timeline_raw
    MemoryTracker.save_stats MemoryTracker.show_traces MetalKernel._reduction_nocache MetalKernel.reduction
    MetalKernel.store MetalKernel.store_reduction MetricTable._write_row MetricTable.add_row MetricTable.write_header
    MinifierTestBase._maybe_subprocess_run MinifierTestBase._run_full_test MinifierTestBase._run_minifier_launcher
    MinifierTestBase._run_repro MinifierTestBase._run_test_code MinifierTestBase.tearDownClass
    ModificationWrapper._broadcast_index ModificationWrapper.store MultiKernelCall.store_cache
    MultiProcContinuousTest.tearDownClass MultiprocessContext._close NNModuleToString._can_emit_module_constructor
    NNModuleToString._module_constructor_string NNModuleToString.can_convert_to_string NNModuleVariable._call_impl
    NNModuleVariable._generic_call_method_helper NNModuleVariable.call_function NNModuleVariable.call_method
    NNModuleVariable.forward NVUniversalGemmBenchmarkRequest._benchmark_on_current_device
    NVUniversalGemmBenchmarkRequest._make_bias_run_fn NVUniversalGemmBenchmarkRequest.benchmark
    NVUniversalGemmBenchmarkRequest.make_run_fn NVUniversalGemmBenchmarkRequest.precompile
    NVUniversalGemmScheduling._build_precompile_metadata NestedReduction._min_block_unprofitable_for_kernel
    NestedReduction._plan_nested_sub_parent_stage NestedReduction._r_grouped_stage_accesses_match
    NestedReduction._sub_parent_access_preserves_x_boundary NestedReduction._sub_parent_broadcast_access_relations
    NestedReduction._sub_parent_consumer_is_trailing_broadcast NestedReduction._sub_parent_internal_access_relations
    NestedReduction._try_get_sub_parent_access_relations NestedReduction.can_fuse
    NestedReduction.interleaved_sub_parent_lane NestedReduction.plan NestedReduction.plan_from_topology
    NestedReduction.sub_parent_epilogue_plan NestedUserFunctionVariable._get_function_impl
    NestedUserFunctionVariable.as_python_constant NestedUserFunctionVariable.bind_args
    NestedUserFunctionVariable.get_function NestedUserFunctionVariable.is_python_constant NodeEventTracker.dump
    NonOwningLayout.make_indexer NumpyNdarrayVariable._get_numpy_attr NumpyNdarrayVariable.call_method
    NumpyNdarrayVariable.create NumpyNdarrayVariable.mp_ass_subscript_impl NumpyNdarrayVariable.tp_getattro_impl
    NumpyNdarrayVariable.tp_richcompare_impl NumpyVariable.call_function OnDiskCache.get OnDiskCache.insert
    OptimizedModule._aot_compile OptimizedModule._save_aot_compiled_module OutDtypeHigherOrderVariable._call_function
    OutputGraph.compile_and_call_fx_graph OutputGraph.compile_subgraph OutputGraph.install_resume_function_global
    OutputGraph.install_subgraph OutputGraph.maybe_install_saved_tensors_hooks_subgraphs
    OutputGraph.register_attr_or_module OutputGraph.register_static_attr_and_return_proxy
    OutputGraph.run_compiler_collective PGOCacheArtifact.populate_cache PGTransport.recv_checkpoint
    PT2ArchiveWriter.write_file PT2ArchiveWriter.write_folder PT2ArchiveWriter.write_string PackageImporter
    PackageImporter._compile_source PackageImporter._do_find_and_load PackageImporter._find_and_load
    PackageImporter._gcd_import PackageImporter._get_package PackageImporter._handle_fromlist
    PackageImporter._make_module PackageImporter._zipfile_path PackageImporter.get_resource_reader
    PackageImporter.get_source PackageImporter.load_binary PackageImporter.load_text PackageInfo.from_python_class
    PallasKernel._check_im2col_pattern PallasKernel._get_index_expr PallasKernel._get_index_str PallasKernel.store
    PeriodicDumper._run PersistentCache.lookup PersistentMemoizer.cache_clear PersistentMemoizer.replay
    PipelineScheduleMulti._dump_csv PipelineStage._backward_metadata_inference
    PipelineStage._forward_metadata_inference PipelineStage._prepare_backward_infra
    PipelineStage._prepare_forward_infra PipelineStage._recv_meta PolyfilledFunctionVariable.call_function
    PolyfilledFunctionVariable.call_method PrecompiledModule._compile PrintHigherOrderVariable._call_function
    ProcessContext.join ProfilerHandler._handle ProfilerObserver._maybe_write ProfilerObserver.join
    ProfilerObserver.set_export PyCodeCache.cache_clear PyCodeCache.load_by_key_path PyCodeCache.write
    PyCodegen.load_function_name PyCodegen.rot_n PySourceBuilder.build PySpyHandler._handle PySpyHandler.dump
    PythonWrapperCodegen._generate PythonWrapperCodegen.codegen_inputs PythonWrapperCodegen.generate
    PythonWrapperCodegen.generate_and_run_autotune_block PythonWrapperCodegen.write_prefix
    QConvPointWiseBinaryPT2E.create QConvPointWisePT2E.create QuantizationLiteTestCase._compare_script_and_mobile
    QuantizationTestCase.checkEmbeddingSerialization QuantizationTestCase.checkGraphModeOp
    QuantizationTestCase.checkScriptable ROCmBenchmarkRequest.ensure_dll_loaded ROCmBenchmarkRequest.make_run_fn
    ROCmBenchmarkRequest.precompile ROCmBenchmarkRequest.update_workspace_size ROCmCPPScheduling.codegen_template
    ROCmCPPScheduling.define_kernel ROCmCodeCache.write Reduction.create Reduction.create_multilayer
    Reduction.create_multilayer_existing_ranges Reduction.create_multilayer_helper ReferenceAnalysis.constant
    RunWithRNGStateHigherOrderVariable._call_function SDPAParamsVariable.tp_getattro_impl
    SIMDKernel._combine_contiguous_dims SIMDKernel.codegen_indexing SIMDKernel.combine_contiguous_dims
    SIMDKernel.combine_modular_indexing_pairs SIMDKernel.get_strides_of_load SIMDKernel.prepare_indexing
    SIMDScheduling._autotune_subkernels_compile_time SIMDScheduling._codegen_mix_order_reduction
    SIMDScheduling._codegen_nested_reduction SIMDScheduling._codegen_nodes
    SIMDScheduling._find_sub_parent_epilogue_plan SIMDScheduling._sub_parent_epilogue_decision
    SIMDScheduling._sub_parent_epilogue_plan SIMDScheduling._sub_parent_tiling_is_2d SIMDScheduling.can_fuse
    SIMDScheduling.codegen_combo_kernel SIMDScheduling.codegen_mix_order_reduction SIMDScheduling.codegen_node
    SIMDScheduling.codegen_node_schedule SIMDScheduling.codegen_staged_reduction
    SIMDScheduling.generate_combo_kernel_code SIMDScheduling.generate_kernel_code_from_nodes
    SIMDScheduling.get_nd_tilings SIMDScheduling.get_tiling_and_scores SIMDScheduling.has_sub_parent_epilogue
    SIMDScheduling.select_tiling SIMDScheduling.select_tiling_with_memory ScanHigherOrderVariable._call_function
    Scheduler._can_fuse Scheduler._can_fuse_impl Scheduler._can_reindex_consumer_for_index_inversion
    Scheduler._evaluate_pending_template_fusions Scheduler._finish_pending_fusions
    Scheduler._fusable_read_after_broadcast Scheduler._fusable_read_after_index_equivalence
    Scheduler._get_flattened_read_inverse Scheduler._get_indexing_inverse Scheduler._init
    Scheduler._prove_staged_fusion_dependencies Scheduler._reindexing_regresses_memory_coalescing
    Scheduler._selected_tiling_memory Scheduler._try_fusion_pairs Scheduler._try_reindex_pointwise_for_reduction
    Scheduler.can_fuse Scheduler.fuse_if_speedup Scheduler.fuse_nodes Scheduler.fuse_nodes_once
    Scheduler.get_possible_fusions Scheduler.shared_data_after_inverting_indexing
    Scheduler.shared_data_after_reordering_loop Scheduler.speedup_by_fusion SchedulerNode._compute_attrs
    SchedulerNode.apply_indexing_exprs SchedulerNode.apply_loop_reindexing SchedulerNode.apply_new_loop_order
    SchedulerNode.cancel_reduction_split SchedulerNode.expand_dimension_for_pointwise_node SchedulerNode.merge_loops
    SchedulerNode.pointwise_or_reduction_read_writes SchedulerNode.pointwise_read_writes
    SchedulerNode.recompute_size_and_body SchedulerNode.reduction_read_writes SchedulerNode.refresh_dependencies
    SchedulerNode.reorder_loops_by_dep_pair SchedulerNode.swap_pw_red_dimension SerializedCode.to_code_object
    SetAttrBuiltinVariable._call_setattr SetAttrBuiltinVariable.call_function ShapeEnv._evaluate_expr
    ShapeEnv._inner_evaluate_expr ShapeEnv._simplify_floor_div ShapeEnv.deserialize_symexpr ShapeEnv.evaluate_expr
    ShapeEnv.evaluate_guards_expression ShapeEnv.evaluate_guards_for_args ShapeEnv.evaluate_sym_node
    ShapeEnv.guard_or_defer_runtime_assert ShapeEnv.guarding_hint_or_throw ShapeEnv.has_guarding_hint
    ShapeEnv.optimization_hint ShapeEnv.produce_guards ShapeEnv.produce_guards_expression
    ShapeEnv.produce_guards_verbose ShapeEnv.set_real_tensor_prop_unbacked_vals ShapeEnv.size_hint ShapeProp.run_node
    ShardedTensor._init_from_local_shards SizeVarAllocator._analyze_lane_contiguity_add
    SizeVarAllocator._analyze_lane_contiguity_floor_div SizeVarAllocator._analyze_lane_contiguity_mod
    SizeVarAllocator._analyze_lane_contiguity_modular_indexing SizeVarAllocator._analyze_lane_contiguity_mul
    SizeVarAllocator._optimization_hint_uncached SizeVarAllocator._simplify_loops_impl SizeVarAllocator._stride_vars
    SizeVarAllocator.analyze_lane_contiguity SizeVarAllocator.check SizeVarAllocator.check_equals
    SizeVarAllocator.check_equals_and_simplify SizeVarAllocator.check_leq SizeVarAllocator.check_lt
    SizeVarAllocator.evaluate_expr SizeVarAllocator.evaluate_max SizeVarAllocator.evaluate_min
    SizeVarAllocator.guard_int SizeVarAllocator.guard_int_seq SizeVarAllocator.guard_or_false
    SizeVarAllocator.guard_or_true SizeVarAllocator.guarding_hint_or_throw SizeVarAllocator.guarding_hints_or_throw
    SizeVarAllocator.is_size_one_or_false SizeVarAllocator.lookup_precomputed_size
    SizeVarAllocator.make_simplify_loops_cache SizeVarAllocator.offset_var
    SizeVarAllocator.remove_precomputed_replacements SizeVarAllocator.replace_backed_symbols_with_hints
    SizeVarAllocator.stride_hints SizeVarAllocator.stride_order SizeVarAllocator.to_symint_or_int
    SizeVarAllocator.to_symints_or_ints SizeVariable.as_proxy Source.get_value SourceFileLoader SqueezeView.create
    StacksHandler._handle StacksHandler.dump StaticEpi.plan StaticallyLaunchedTritonKernel._agnostic_cubin_path
    StaticallyLaunchedTritonKernel.load_kernel StaticallyLaunchedTritonKernel.reload_cubin_from_raw
    StaticallyLaunchedXpuKernel.load_kernel StmtBuilder.build_With StreamVariable.query StreamVariable.record_event
    StrictModeHigherOrderVariable._call_function StrobelightCLIFunctionProfiler._get_results
    StrobelightCLIFunctionProfiler._run_async StrobelightCLIFunctionProfiler._start_strobelight
    StrobelightCLIFunctionProfiler._stop_run StrobelightCLIFunctionProfiler._stop_strobelight_no_throw
    StrobelightCLIFunctionProfiler._wait_for_running StrobelightCompileTimeProfiler._cls_init
    StrobelightCompileTimeProfiler.enable SubgraphBenchmarkRequest.make_run_fn SubgraphTracer._create_proxy
    SubgraphTracer._lift_basic_symbols SubgraphTracer.create_graph_input SubgraphTracer.create_proxy
    SubgraphTracer.lift_tracked_freevar_to_input SubgraphTracer.maybe_lift_tracked_freevar_to_input
    SubgraphTracer.track_produced_symints SubprocessContext._start SubprocessHandler._popen SummaryWriter.add_graph
    Switch.create SwitchHigherOrderVariable._call_function SymNodeVariable._proxy_method SymNodeVariable.call_method
    SymNodeVariable.create SymNodeVariable.int_ SymNodeVariable.method___abs__ SymNodeVariable.method___float__
    SymNodeVariable.method___neg__ SymNodeVariable.method___pos__ SymNodeVariable.nb_absolute_impl
    SymNodeVariable.nb_add_impl SymNodeVariable.nb_and_impl SymNodeVariable.nb_float_impl
    SymNodeVariable.nb_floor_divide_impl SymNodeVariable.nb_int_impl SymNodeVariable.nb_lshift_impl
    SymNodeVariable.nb_multiply_impl SymNodeVariable.nb_negative_impl SymNodeVariable.nb_or_impl
    SymNodeVariable.nb_positive_impl SymNodeVariable.nb_power_impl SymNodeVariable.nb_remainder_impl
    SymNodeVariable.nb_rshift_impl SymNodeVariable.nb_subtract_impl SymNodeVariable.nb_true_divide_impl
    SymNodeVariable.nb_xor_impl SymNodeVariable.tp_richcompare_impl SymPyOps.remainder
    TMACompatibilityChecker.are_block_parameters_compatible TensorVariable._method_register_hook
    TensorVariable.call_method TensorVariable.dynamic_getattr TensorVariable.method___abs__
    TensorVariable.method___float__ TensorVariable.method___getitem__ TensorVariable.method___index__
    TensorVariable.method___int__ TensorVariable.method___invert__ TensorVariable.method___iter__
    TensorVariable.method___len__ TensorVariable.method___neg__ TensorVariable.method___pos__
    TensorVariable.method_add_ TensorVariable.method_addcdiv_ TensorVariable.method_addcmul_
    TensorVariable.method_attr_ndim TensorVariable.method_attr_shape TensorVariable.method_detach_
    TensorVariable.method_get_device TensorVariable.method_new TensorVariable.method_new_tensor
    TensorVariable.method_numpy TensorVariable.method_register_hook
    TensorVariable.method_register_post_accumulate_grad_hook TensorVariable.method_tolist TensorVariable.method_type
    TensorVariable.method_wait TensorVariable.mp_subscript_impl TensorVariable.nb_absolute_impl
    TensorVariable.nb_add_impl TensorVariable.nb_and_impl TensorVariable.nb_bool_impl TensorVariable.nb_float_impl
    TensorVariable.nb_floor_divide_impl TensorVariable.nb_index_impl TensorVariable.nb_int_impl
    TensorVariable.nb_invert_impl TensorVariable.nb_lshift_impl TensorVariable.nb_matrix_multiply_impl
    TensorVariable.nb_multiply_impl TensorVariable.nb_negative_impl TensorVariable.nb_or_impl
    TensorVariable.nb_positive_impl TensorVariable.nb_power_impl TensorVariable.nb_remainder_impl
    TensorVariable.nb_rshift_impl TensorVariable.nb_subtract_impl TensorVariable.nb_true_divide_impl
    TensorVariable.nb_xor_impl TensorVariable.sq_length_impl TensorVariable.tp_getattro_impl
    TensorVariable.tp_iter_impl TensorVariable.tp_richcompare_impl TensorVariable.unpack_var_sequence
    TestCase.assertExpected TestCase.assertExpectedRaises TestCase.assertExpectedStripMangled
    TestCase.runWithPytorchAPIUsageStderr TilingSelect._select_tiling_indices TilingSelect.select_tiling
    TorchCommsFlightRecorderHandler._handle_torchcomms_fr_trace
    TorchCommsFlightRecorderHandler._handle_torchcomms_fr_trace_json TorchCommsFlightRecorderHandler.dump
    TorchCommsHealthCheckHandler._handle TorchCommsHealthCheckHandler.dump TorchCtxManagerClassVariable.call_function
    TorchInGraphFunctionVariable._call_leaf_function TorchInGraphFunctionVariable._call_nonstrict_traceable_function
    TorchInGraphFunctionVariable.call_function TorchInGraphFunctionVariable.call_nn_parameter
    Tracer.create_args_for_root TritonBenchmarkRequest.make_run_fn TritonBenchmarkRequest.precompile
    TritonBundler.read_and_emit TritonCompileResult.make_launcher TritonKernel._normalize_trace_expr
    TritonKernel._normalize_trace_value TritonKernel._reuse_load_index_basis
    TritonKernel._rewrite_full_range_with_basis TritonKernel._trace_cse_var TritonKernel.check_bounds
    TritonKernel.indexing TritonKernel.record_op_trace TritonKernel.store TritonKernel.store_reduction
    TritonScheduling.benchmark_combo_kernel TritonScheduling.benchmark_fused_nodes TritonTemplate.generate
    TritonTemplate.generate_and_load TritonTemplate.maybe_append_choice TritonTemplateCaller.autoheuristic_id
    TuningProcess.get TuningProcess.process_main TuningProcess.recv TupleVariable.tp_richcompare_impl
    UntypedStorageVariable.method_size UserDefinedClassVariable._call_cross_entropy_loss
    UserDefinedClassVariable.call_function VariableBuilder._call_impl VariableBuilder._wrap
    VariableBuilder._wrap_symfloat_for_lazy VariableBuilder._wrap_symint_for_lazy VariableBuilder.wrap_listlike
    VariableBuilder.wrap_literal VariableBuilder.wrap_numpy_ndarray VariableBuilder.wrap_symfloat
    VariableBuilder.wrap_symint VariableBuilder.wrap_tensor VariableBuilder.wrap_unspecialized_primitive
    VecISA._probe_load VecISA.check_build VendoredDenseBlockScaledGemmKernel._compile
    VerifyStateDictMixin._verify_osd_by_load View.create WaitCountersHandler._handle WaitCountersHandler.dump
    WhileLoopHigherOrderVariable._call_function WhileLoopStackOutputHigherOrderVariable._call_function
    WrapHigherOrderVariable._call_function WrapHigherOrderVariable.create_wrapped_node
    WrapWithAutocastHigherOrderVariable.call_function WrapWithSetGradEnabledHigherOrderVariable.call_function
    ZeroRedundancyOptimizer.consolidate_state_dict _AOTDispatchAutogradFunctionFactory.build
    _BackendRendezvousStateHolder.sync _CollectiveKernel.create_inplace _CollectiveKernel.create_out_of_place
    _DebugContext._handle_exception _DebugContext._handle_instruction _DebugContext._interactive_prompt
    _DebugContext._monitoring_instruction_callback _DebugContext._monitoring_raise_callback
    _DebugContext._settrace_callback _DebugFileFxCompile._send_to_child _DebugSerdeFxCompile._send_to_child
    _DerivedDim._derive _DistWrapper.all_gather _DistWrapper.all_gather_object _DistWrapper.all_reduce
    _DistWrapper.broadcast _DistWrapper.broadcast_object _DistWrapper.gather_object _DistWrapper.reduce_scatter
    _DistWrapper.scatter_object _ExportPackage._compiled_and_package _ExportPassBaseDeprecatedDoNotUse._fx
    _ExportPassBaseDeprecatedDoNotUse.call_cond _ExportPassBaseDeprecatedDoNotUse.call_getitem
    _ExportPassBaseDeprecatedDoNotUse.call_map _ExportPassBaseDeprecatedDoNotUse.call_operator
    _ExportPassBaseDeprecatedDoNotUse.call_sym _ExportPassBaseDeprecatedDoNotUse.output _FileSystem.create_stream
    _FileSystem.init_path _FileSystem.validate_checkpoint_id _FileSystemWriter._write_data
    _FileSystemWriter.write_data _InProcessFxCompile.codegen_and_compile _InternalRPCPickler._script_module_receiver
    _InternalRPCPickler.deserialize _KinetoProfile.export_chrome_trace _KinetoProfile.export_memory_timeline
    _MakeFxCapture._write _MakeFxCapture.save _MakefxTracer._trace_inner _OnDiskCacheImpl.insert
    _PipelineScheduleRuntime._dump_csv _RecordLoadStoreInner._normalize _RecordLoadStoreInner.canonicalize
    _RecordLoadStoreInner.index_expr _RecordLoadStoreInner.load_seed _RecordLoadStoreInner.store
    _RecordLoadStoreInner.store_reduction _RecordLoadStoreInner.value_expr _RemoteModule._init_template
    _ReplicationStager._persist_state_dict _ReplicationStager.stage _SerializedFxCompile._run_in_child
    _StorageBase.type _SubParentValueResolver._planned_lane _SubParentValueResolver.materialize_source
    _SubParentValueResolver.resolve_load _TestCodeCache.write _TorchNumpyPickleData.from_object
    _TorchNumpyPickleData.reduce_helper _WaitKernel.create_wait _adaptive_avg_pool2d _add_inductor_provenance
    _add_nv_gemm_choices_impl _all_gather_keys _allgather_state_info _alloc_outs_from_meta _analyze_memory_coalescing
    _aoti_compile_and_package_inner _args_query_candidates _assert_module_states _assert_same_keys
    _augment_memory_snapshot_stack_traces _avg_poolnd _blockwise128x128_shape_match _broadcast_object
    _broadcast_processed_state _broadcast_state_dict _build_comprehension_fn _build_symbolic_wrapper
    _cache_autograd_info _cache_inference_info _call_custom_autograd_function_in_pre_dispatch
    _call_function_and_unflatten_output _call_function_with_auto_output_flattening _call_while_loop
    _check_and_build_extension_h_precompiler_headers _check_missing_keys_on_rank _check_no_signature _check_trace
    _clone_cutlass_paths _compile _compile_and_exec_source _compile_function_with_overload _compile_fx_inner
    _compile_fx_main _compile_gemm_epi _compile_in_worker _compile_nvgemm _compiler_version_first_line
    _compiler_version_string _convert_element_type _convert_state_with_orig_params _convert_to_0d_constant
    _convolution _create_module_with_interface _create_msvc_gs_stubs_lib _create_nested_fn _create_out_of_place
    _current_device_index_variable _decompose_scatter_functional _decompose_scatter_functional_helper
    _decompose_scatter_mutating _defaultdict_deserialize _deserialize_triton_kernel _device_put
    _direct_cutedsl_epilogue _do_instantiate_remote_module_template _dump_chrometrace _dump_launch_tensors
    _dump_snapshot _dynamo_graph_capture_for_export _emit_flat_apply_call _emit_importable _emit_value
    _emit_value_recurse _emit_via_reduce _ensure_mingw_cudart_import_lib _eval_no_call _exec_with_source _export_file
    _export_to_torch_ir _fa3_import_module _fa4_import_module _flatten_optim_state_dict _float8_e8m0fnu_to_dtype
    _flock_held_exclusively _forward_from_src _fractional_max_pool _fractional_pooling_offsets
    _fullgraph_capture_frame _gather_all_orig_param_state _gemm_act_call _gemm_epi _gemm_epi_f _gemm_epi_f_fake
    _gemm_norm_act_call _gen_epi_fn _gen_mingw_import_lib _get_cache_or_reload _get_cpu_arch_cflags
    _get_linux_aarch64_arch_flag _get_module_and_submodules _get_openmp_args _get_optim_state_dict
    _get_optimization_cflags _get_os_related_cpp_cflags _get_overloads _get_pointwise_overrides _get_py3_code
    _get_shared_cflags _get_unbacked_replacements _guarding_hint_or_throw_base _handle_comprehension_graph_break
    _hint_int_or_raise _import_dotted_name _infer_scale_swizzle_impl _instantiate_template
    _invoke_leaf_function_python _is_apple_clang _is_blockwise128x128_scaling _is_blockwise1xTILESIZE_scaling
    _is_clang _is_gcc _is_gcc_version_less_than _is_intel_compiler _is_msvc_cl _jit_compile _legacy_zip_load
    _load_constants _load_exported_programs _load_local _load_optim_state_dict _load_state_dict
    _local_post_state_dict_hook _lookup_and_create_type _lookup_gemm_kernel _low_memory_max_pool_offsets_to_indices
    _low_memory_max_pool_with_offsets _make_inlined_forward _make_scan_inner _manifest_candidates
    _map_param_key_to_optim_keys _max_pool_with_indices _max_pool_with_offsets _maybe_wrap_and_compile_fx_main
    _maybe_write _method_from_src _model_to_graph _numel_hint_or_raise _nvgemm_precompile _nvgemm_run
    _one_shot_all_reduce _optim_state_dict _optimization_hint_base _package_aoti_files _package_constants
    _package_executorch_files _package_exported_programs _package_state_dict _pad_as_cat _pad_mm_init
    _parse_log_settings _parse_repo_info _patch_function _pool_offsets_to_indices _pool_worker _pre_trace_quant_model
    _precompile_header _preload_cuda_lib _prepare_convolution_fusion_create _prepare_jit
    _prepare_ondevice_dynamic_jit _prepare_ondevice_jit _process_output_file _quantize_jit
    _quantize_ondevice_dynamic_jit _quantize_ondevice_dynamic_jit_impl _read _read_url _reconstruct_closure_fn
    _recursive_joint_graph_passes _recursive_post_grad_passes _recursive_script_module_receiver
    _register_jit_decomposition_for_jvp _register_lowering _reload_python_module _remove_dir _remove_if_exists
    _replace_dense_efc_with_vendored _resolve _resolve_global _resolve_mutated_flat_indices
    _rewrite_symbol_solution_for_int_codegen _run_ninja_build _runnable_from_pair _sanitize_llvm_ir_for_rocm
    _save_fx_default _save_memory_usage _save_pickled_tensors _save_raw_tensors _save_segment_usage
    _scale_is_transposed _scaled_candidates _script_impl _serialize_pattern _serialize_single_cache
    _set_unbacked_bindings _setup_standard_sys_libs _sfdp_init _shard_tensor _size_bytes_hint_or_raise _strict_export
    _sub_unbacked_exprs _sympy_mod _sympy_subs _tensor_to_object _tensorpipe_exchange_and_check_all_device_maps
    _tensorpipe_init_backend_handler _torch_numpy_callable_cache_key _torch_numpy_callable_cache_key_by_id
    _torchscript_schema_to_signature _torchscript_schema_to_signature_impl _torchscript_type_to_python_type _trace
    _trace_impl _tuned_grouped_mm_common _type _unlink_quietly _unpickler _unsafe_index_put _unsafe_index_put_
    _unsafe_masked_index_put_accumulate _unwrap_symbolic_magic_arg _uses_cublas_blockwise128x128_layout _validate_dim
    _validate_not_a_forked_repo _view_dtype _win_rmtree_onerror _window_to_pftrace _worker_compile_pycodecache_kernel
    _worker_nvgemm_autotuning_precompile _wrap _wrap_fx_preexisting_tensor _wrap_fx_proxy _write _write_artifact
    _write_data _write_files_from_queue _write_item _write_metadata _write_ninja_file
    _write_ninja_file_and_build_library _write_ninja_file_and_compile_objects _write_ninja_file_to_build_library
    _write_overall_metadata_file _write_trace adaptive_max_pool2d add_bounded_compute_mapping add_call_function
    add_nv_universal_addmm_choices add_nv_universal_gemm_choices add_nv_universal_grouped_gemm_choices
    add_nv_universal_scaled_gemm_choices add_shape_compute_mapping all_gather all_gather_object
    all_gather_object_enforce_type allocate_flex_gemm_aux_outs allow_in_pre_dispatch_graph
    analyze_memory_coalescing_for_nodes aot_autograd_check aot_compile aot_compile_fullgraph
    aot_compile_joint_with_descriptors aot_compile_module aot_function aot_inductor_minifier_wrapper aot_module
    aot_module_simplified aot_stage2_autograd aot_stage2_compile aot_stage2_inference aoti_compile_and_package
    aoti_compile_with_persistent_cache aoti_load_package append_to_log apply_var_mapping arange_start_step
    as_strided_scatter as_tensor associative_scan associative_scan_proxy_mode atomic_write_binary audiohandler
    auto_functionalized_proxy auto_functionalized_v2_proxy autograd_key avg_pool2d avg_pool3d b2b_gemm_handler
    basichandlers batch_convert_cubins_to_obj broadcast broadcast_in_dim broadcast_object_list bucket_all_gather
    bucket_all_gather_by_mb bucket_all_reduce bucket_all_reduce_by_mb bucket_fsdp_all_gather bucket_fsdp_all_reduce
    bucket_fsdp_reduce_scatter bucket_reduce_scatter bucket_reduce_scatter_by_mb build_gemm_epi_plan
    build_ignore_context_manager cache_on_self cache_on_self_and_args cache_property_on_self
    call_delegate_proxy_torch_dispatch_mode canonicalize_view_scatter_ops cat ceildiv check_compiler_exist_windows
    check_compiler_is_gcc check_compiler_ok_for_platform check_mingw_win32_flavor check_msvc_cl_language_id
    clean_and_assemble_instructions codegen_backward_subclass_fns codegen_subclass_wrapper compile_frame compile_fx
    compile_fx_aot compile_fx_forward compile_llvm_ir_to_code_object compile_multiarch_bundle_from_llvm_ir compile_so
    compile_to_python compiled_function compiled_module compute_unbacked_bindings cond consolidate_safetensors_files
    consolidate_safetensors_files_on_every_rank constant_pad_nd constrain_conv_bwd_to_fx_strides
    constrain_conv_to_fx_strides constrain_to_fake_tensor constrain_to_fake_tensors constrain_to_fx_strides
    constrain_to_fx_strides_if_fallback_random construct_tensor_variable contiguous_last_dim conv_bwd_input_layout
    conv_bwd_weight_layout conv_layout convert_1x1_conv_to_mm convert_cubin_to_obj convert_model_to_nnapi
    convert_shape_to_inductor convolution convolution_backward_lowering copy copy_ copy_func copy_strided
    cpp_compiler_search cprofile_wrapper create_flex_flash_attention_backward_kernel
    create_flex_flash_attention_kernel create_hop_fw_bw create_onnx_export_report create_script_module
    create_script_module_impl create_scripted_module create_torch_export_error_report create_traced_fn
    cuda_compile_command cummax cummin cumprod cumsum custom_op_wrapper dact_dbias_mod dact_ln_stats_mod dact_mod
    dcp_to_torch_save debug_checks debug_compile debug_dump debug_insert_nops decoder_basichandlers
    decompose_generalized_scatter deserialize_torch_artifact dgated_mod dgated_rstd_preact_mod disk_cache_get
    disk_cache_set dump_backend_repro_as_file dump_backend_state dump_compiler_graph_state dump_kernel_py_stacks
    dump_to_minify dynamo_graph_capture_for_export dynamo_run_tests emit_value end_graph enum_object_hook
    estimate_nccl_collective_runtime_nccl_estimator exception_handler execWrapper export_as_test_case
    export_chrome_trace export_compat export_data export_graph_data export_tracepoint_dispatch_mode
    extract_loop_body_with_args extract_normalized_read_writes extract_read_writes fake_signature fallback_handler
    fetch_all fetch_thread_pool file_add_header file_specific_replacement find_and_instantiate_subclasses
    find_broadcast_var find_coalesced_var flex_attention flex_attention_backward
    flex_attention_backward_proxy_torch_dispatch_mode flex_attention_proxy_torch_dispatch_mode flex_gemm_lowering
    flex_gemm_proxy_torch_dispatch_mode force_fallback format_flamegraph fractional_max_pool2d fractional_max_pool3d
    fresh_cache fresh_inductor_cache fsdp_copy_ fullgraph_capture fw_compiler_freezing
    fx_forward_from_src_skip_result gather gather_object gemm_act gemm_act_out gemm_epilogue gemm_gated
    gemm_gated_out gemm_norm_act gemm_norm_act_out gemm_norm_gated gemm_norm_gated_out gen_from_template
    gen_register_replacement generate_compiler_repro_exported_program generate_standalone_repro
    get_and_maybe_log_recompilation_reasons get_annotations get_clean_triton
    get_compiler_abi_compatibility_and_version get_compiler_version_info get_cpp_options get_cpp_torch_device_options
    get_cpp_torch_options get_efc_kernel_with_epilogue get_extra_remote_code_state get_fburl
    get_file_binaries_from_pathnames get_guard_fail_reason get_guard_fail_reason_helper get_hop_args
    get_inductor_decomp_graphs get_info_and_burn_skeleton get_inputs get_kernel_by_name get_kernel_by_name_via_args
    get_local_code_state get_model_info get_module_concrete_type get_optimizer_state_dict get_remote_code_state
    get_scaling_options get_script_module get_signature get_state_dict get_strobelight_url get_subprocess_handler
    get_type_annotations get_unsafe_globals_in_checkpoint glu graph graph_call_function
    greedy_bucket_collective_by_mb grouped_gemm_lowering guard_error_hook handle_traced_output help hipify
    import_fresh_module import_submodule index_put index_put_ index_put_as_masked_fill index_put_impl_ inductor
    inductor_compiled_code_proxy inductor_force_stride_order inductor_trace_handler infer_concrete_type_builder
    infer_methods_to_compile infer_scale_swizzle infer_scale_swizzle_ir infer_schema init_from_local_shards inner
    inner_trace inplace_constant_pad_nd install_cpp_extension install_flex_gemm_epimod
    instantiate_scriptable_remote_module_template interface_script invoke_leaf_function_proxy_mode invoke_subgraph
    is_b2b_gemm_good_on is_desired_scaling is_safe_numpy_wrapper isolate_fails jit_cache joint_fwd_bwd
    joint_graph_passes kthvalue lazy_deprecated_import lazy_init linear_act_mod list ln_affine_act_mod
    ln_bwd_apply_mod load_args_and_run_compile_fx_inner load_by_path load_from_python load_guard_manager load_inline
    load_package load_pt2 load_ratio_left load_ratio_right load_script_module_with_pickled_rref log_api logcumsumexp
    lookup_remote_cache_entry lower_cpu lower_exported_program lower_mps lower_quack_flex_gemm main make_fallback
    make_logging_test make_module make_reduction make_stubs_for_overloads map_proxy_torch_dispatch_mode
    materialize_epilogue_function materialize_tensorssa_reduction max_pool2d_with_indices
    max_pool2d_with_indices_backward max_pool3d_with_indices maybe_copy_cpu_scalar maybe_cprofile
    maybe_setup_comprehension_speculation median_default median_dim memory_efficient_fusion
    merge_trace_window_into_chrome_trace mode_default native_dropout nnc_jit norm_act_mod
    normalize_flex_gemm_1d_captures numpy_wrapper_cache_key openf original_forward_from_src out_dtype_proxy
    package_aoti package_nativert_with_aoti_delegate package_pt2 parse_expr parse_expr_with_index_symbols
    parse_type_line partition_compatible_kernels partition_fn perload_clang_libomp_win perload_icx_libomp_win
    pre_bucket_fsdp_collectives prepare_dynamic_jit prepare_jit preprocess_file_and_save_result preprocessor
    print_op_coverage_summary process_file process_func process_proton_trace prod proxy_call proxy_mode_key
    proxy_mode_key_common put_local_code_state quack_blockscaled_scale_view quack_symmetric_mm_lowering
    quantize_dynamic_jit quantize_jit read_dir read_dump rearrange recv_object_list redirect reduce_graph_module
    refine_dynamic_shapes_from_suggested_fixes register_flash_attention_fa3 register_flash_attention_fa4
    reinplace_inplaceable_ops repeat replay repro_minify repro_run require_contiguous_adaptive_max_pool3d_indices
    resize resolve_gemm_class retry_shell rewrite_index_for_function rot_n_helper rstd_gated_mod
    rstd_gated_preact_mod run_asm_build_object run_const_graph_dispatch_mode run_tests safe_aot_autograd_check
    save_graph_repro_ep save_op_profiles save_rref scaled_mm_v2_constraint scan_proxy_mode scatter scatter_
    scatter_add scatter_add_ scatter_object_list scatter_reduce scatter_reduce_ schedule_overlap_bucketing
    schedule_overlap_bucketing_from_inductor_configs script script_qconfig script_qconfig_dict sdpa_constraint select
    select_scatter set_default_tensor_type set_example_value set_logs set_optimizer_state_dict set_state_dict
    shard_module shard_parameter shell simple_ts_compile slice_ slice_scatter sort sort_stable speculate_subgraph
    speculate_subgraph_with_auto_output_flattening split split_with_sizes sq_reduce_mod stamp_out_subgraph
    standalone_compile start_kernel_compile stop_etcd storage_to_tensor_type stride_at stride_at_vec_range sum_
    switch sympy_subs tempdir temppath to_device to_dtype_bitcast topk torch_save_to_dcp torchscript touch trace
    trace_aoti_call_delegate trace_associative_scan trace_call_delegate trace_cond trace_flex_attention
    trace_flex_attention_backward trace_hints_wrapper trace_map trace_module trace_out_dtype trace_scan
    trace_strict_mode trace_switch trace_triton_kernel_wrapper track_tensor_tree transform_args transform_code_object
    triton_kernel_wrapper_functional_proxy_torch_dispatch_mode triton_kernel_wrapper_mutation_dense
    triton_kernel_wrapper_mutation_proxy_torch_dispatch_mode triton_op try_compile_fn try_import ts_compile
    tuned_addmm tuned_bmm tuned_grouped_mm tuned_mm tuned_scaled_grouped_mm tuned_scaled_mm tuned_scaled_mm_v2 unbind
    unconvertible_ops unfold unsqueeze unsqueeze_ upsample_nearest2d_backward
    validate_args_and_maybe_create_graph_inputs validate_flex_gemm_aux_outputs verify videohandler view
    visualize_results while_loop_tracing with_effects with_effects_proxy wrap_fx_proxy wrap_fx_proxy_cls wrap_key
    write write_atomic write_local_impl write_record_to_file xfail_inherited_tests
  `,
  torchgen: `
    FileManager._write_if_changed FileManager.write FileManager.write_outputs FileManager.write_sharded
    FileManager.write_sharded_with_template FileManager.write_with_template clang_format discover_declarations gen
    gen_annotated gen_autograd gen_autograd_python gen_functionalization_view_meta_classes gen_variable_factories
    load_by_path load_declaration load_declarations load_deprecated_signatures load_derivatives load_signatures
    parse_backend_yaml parse_native_aot_manifests parse_native_functions_keys parse_native_yaml parse_tags_yaml
    run_gen_lazy_tensor write_cpp write_test_cpp
  `,
  torchmetrics: `
    BERTScore.compute BERTScore.plot CocoBackend.tm_to_coco MeanAveragePrecision._gather_tuple_list
    MeanAveragePrecision._sync_dist PerceptualPathLength.compute _ARNIQA._load_weights
    _SacreBLEUTokenizer._tokenize_flores _SacreBLEUTokenizer._tokenize_flores_101
    _SacreBLEUTokenizer._tokenize_flores_200 _bert_score _load_baseline _prepare_dnsmos _read_csv_from_url bert_score
    learned_perceptual_image_patch_similarity perceptual_path_length style_change
  `,
  torchvision: `
    CIFAR10._load_meta CREStereo._read_disparity CocoDetection._load_image ETH3DStereo._read_disparity
    FallingThingsStereo._read_disparity FunctionType ImageNet.parse_archives InStereo2k._read_disparity
    Kinetics._make_ds_structure Kitti2012Stereo._read_disparity Kitti2015Stereo._read_disparity LSUN PhotoTour.cache
    Places365.load_categories Places365.load_file_list SintelStereo._read_disparity StereoMatchingDataset._read_img
    USPS WeightsEnum.get_state_dict _decompress _dl_wrap _extract_tar _extract_zip _get_redirect_url accimage_loader
    default_loader extract_archive parse_devkit_archive parse_train_archive parse_val_archive pil_loader
    read_image_file
  `,
  tqdm: `
    Session
  `,
  transformers: `
    AudioClassificationPipeline.preprocess AutoHfExporter.from_config AutomaticSpeechRecognitionPipeline.preprocess
    Backend.get_installed_version Backend.is_satisfied BarkProcessor._load_voice_preset
    BarkProcessor._verify_speaker_embeddings BarkProcessor.save_pretrained BartphoTokenizer.save_vocabulary
    BaseImageProcessor._prepare_image_like_inputs BaseImageProcessor._prepare_images_structure
    BaseImageProcessor._preprocess_image_like_inputs BaseImageProcessor.preprocess
    BaseVideoProcessor._decode_and_sample_videos BaseWatermarkingConfig.to_json_file
    BeitImageProcessor._preprocess_image_like_inputs BeitImageProcessorPil._preprocess_image_like_inputs
    BertJapaneseTokenizer.save_vocabulary BertTokenizerLegacy.save_vocabulary BertweetTokenizer.save_vocabulary
    BioGptTokenizer.save_vocabulary BlenderbotSmallTokenizer.save_vocabulary
    CHMv2ImageProcessor._preprocess_image_like_inputs Chat._inner_run Chat.handle_non_exit_user_commands
    CheckpointManager.execute_jit_checkpoint ConditionalDetrImageProcessorPil._preprocess
    ConditionalDetrImageProcessorPil.prepare_annotation CpmAntTokenizer.save_vocabulary CpmTokenizer.save_vocabulary
    CpmTokenizerFast.save_vocabulary CsvPipelineDataFormat.save DPTImageProcessor._preprocess_image_like_inputs
    DPTImageProcessorPil._preprocess_image_like_inputs DagsHubCallback.on_train_end DecisionConfig.prepare_inputs
    DecisionConfig.save_pretrained DecisionMixin.checkpoint_config DeformableDetrImageProcessorPil._preprocess
    DeformableDetrImageProcessorPil.prepare_annotation DepthEstimationPipeline.preprocess
    DetrImageProcessorPil._preprocess DetrImageProcessorPil.prepare_annotation DistributedConfig.to_json_file
    DistributedMixin.save_distributed_checkpoint DocumentQuestionAnsweringPipeline.preprocess
    DynamoExporter.export_program DynamoExporter.load_program DynamoExporter.save_program
    EfficientLoFTRImageProcessorPil._prepare_images_structure Emu3ImageProcessor.preprocess
    EncoderDecoderModel.from_encoder_decoder_pretrained EomtImageProcessor._preprocess_image_like_inputs
    EomtImageProcessorPil._preprocess_image_like_inputs Ernie4_5_VLMoeProcessor.save_pretrained
    Ernie4_5_VLMoeVideoProcessor.get_video_processor_dict Ernie4_5_VLMoeVideoProcessor.preprocess
    Ernie4_5_VLMoeVideoProcessor.save_pretrained EsmTokenizer.save_vocabulary ExecutorchExporter.export_program
    ExecutorchExporter.save_program ExportQuantizer.validate_environment ExportedModel.runners
    ExportedModel.save_pretrained ExportedModel.to FSMTTokenizer.save_vocabulary
    FastSpeech2ConformerTokenizer.save_vocabulary FeatureExtractionMixin.get_feature_extractor_dict
    FeatureExtractionMixin.save_pretrained FeatureExtractionMixin.to_json_file FlaubertTokenizer.save_vocabulary
    FuyuImageProcessorPil._prepare_images_structure FuyuProcessor._load_tokenizer_from_pretrained
    GPTNeoXJapaneseTokenizer.save_vocabulary GenerationConfig.save_pretrained GenerationConfig.to_json_file
    GenerationMixin.adjust_generation_fn GenerationMixin.generate GenerationMixin.load_custom_generate
    GraniteDoclingImageProcessorPil._prepare_images_structure GroundingDinoImageProcessorPil._preprocess
    GroundingDinoImageProcessorPil.prepare_annotation HfExporter.validate_environment HubertForCTC.tie_weights
    Idefics2ImageProcessorPil._prepare_images_structure Idefics2Processor._extract_images_from_prompts
    Idefics3ImageProcessorPil._prepare_images_structure IdeficsImageProcessorPil.preprocess
    ImageClassificationPipeline.preprocess ImageFeatureExtractionPipeline.preprocess
    ImageProcessingMixin.fetch_images ImageProcessingMixin.get_image_processor_dict
    ImageProcessingMixin.save_pretrained ImageProcessingMixin.to_json_file ImageSegmentationPipeline.preprocess
    ImageTextToTextPipeline.preprocess JanusImageProcessor.postprocess JsonPipelineDataFormat.save
    KeypointMatchingPipeline.preprocess KubeflowCallback._update_status KubeflowCallback.on_step_end
    KubeflowCallback.on_train_begin KubeflowCallback.on_train_end KyutaiSpeechToTextForConditionalGeneration.generate
    KyutaiSpeechToTextForConditionalGeneration.save_pretrained LegacyIndex._deserialize_index
    LegacyIndex._load_passages LegacyIndex._resolve_path LegacyIndex.init_index
    LightGlueImageProcessorPil._prepare_images_structure LlavaOnevisionImageProcessor.preprocess
    LlavaOnevisionImageProcessorPil.preprocess M2M100Tokenizer.save_vocabulary MLukeTokenizer.save_vocabulary
    MarianTokenizer.save_vocabulary Mask2FormerImageProcessor._preprocess_image_like_inputs
    Mask2FormerImageProcessorPil._preprocess_image_like_inputs MaskFormerImageProcessor._preprocess_image_like_inputs
    MaskFormerImageProcessorPil._preprocess_image_like_inputs MaskGenerationPipeline.preprocess
    MgpstrTokenizer.save_vocabulary MiniCPMOcrVideoProcessor.preprocess MiniCPMV4_6VideoProcessor.preprocess
    MistralCommonBackend.save_pretrained MllamaImageProcessorPil._prepare_images_structure
    MobileNetV2ImageProcessor._preprocess_image_like_inputs
    MobileNetV2ImageProcessorPil._preprocess_image_like_inputs MobileViTImageProcessor._preprocess_image_like_inputs
    MobileViTImageProcessorPil._preprocess_image_like_inputs
    MusicgenForConditionalGeneration.from_sub_models_pretrained
    MusicgenMelodyForConditionalGeneration.from_sub_models_pretrained MyT5Tokenizer.save_vocabulary
    Nemotron3_5TranscribeForConditionalGeneration.generate NeptuneCallback._log_model_checkpoint
    NeptuneCallback.on_save ObjectDetectionPipeline.preprocess OneFormerImageProcessor._preprocess
    OneFormerImageProcessor._preprocess_image_like_inputs OneFormerImageProcessor.encode_inputs
    OneFormerImageProcessorPil._preprocess OneFormerImageProcessorPil._preprocess_image_like_inputs
    OneFormerImageProcessorPil.encode_inputs OnnxExporter.export_program PeftAdapterMixin._dispatch_accelerate_model
    PeftAdapterMixin.load_adapter PhobertTokenizer.save_vocabulary Pipeline.save_pretrained
    PipelineDataFormat.save_binary Pix2StructImageProcessor._preprocess_image_like_inputs
    Pix2StructImageProcessorPil._preprocess_image_like_inputs Pop2PianoTokenizer.save_vocabulary
    PreTrainedConfig._get_config_dict PreTrainedConfig.get_config_dict PreTrainedConfig.save_pretrained
    PreTrainedConfig.to_json_file PreTrainedModel._load_pretrained_model PreTrainedModel.save_pretrained
    PreTrainedTokenizerBase._save_pretrained PreTrainedTokenizerBase.save_chat_templates
    PreTrainedTokenizerBase.save_pretrained ProcessorMixin._get_arguments_from_pretrained
    ProcessorMixin.get_processor_dict ProcessorMixin.save_pretrained ProcessorMixin.to_json_file
    PromptDepthAnythingImageProcessor._preprocess_image_like_inputs
    PromptDepthAnythingImageProcessorPil._preprocess_image_like_inputs ProphetNetTokenizer.save_vocabulary
    PythonBackend.save_vocabulary QuantizationConfigMixin.to_json_file
    RagPreTrainedModel.from_pretrained_question_encoder_generator RoCBertTokenizer.save_vocabulary
    SEWDForCTC.tie_weights SEWForCTC.tie_weights Sam2ImageProcessor._preprocess_image_like_inputs
    Sam3ImageProcessor._preprocess_image_like_inputs SamImageProcessor._preprocess_image_like_inputs
    SamImageProcessorPil._preprocess_image_like_inputs Sapiens2ImageProcessor._preprocess_image_like_inputs
    Sapiens2ImageProcessor.preprocess SegGptImageProcessor._preprocess_image_like_inputs
    SegGptImageProcessorPil._preprocess_image_like_inputs SegformerImageProcessor._preprocess_image_like_inputs
    SegformerImageProcessorPil._preprocess_image_like_inputs SentencePieceBackend.save_vocabulary
    Seq2SeqTrainer.load_generation_config SiglipTokenizer.save_vocabulary
    SmolVLMImageProcessorPil._prepare_images_structure Speech2TextTokenizer.save_vocabulary
    SpeechEncoderDecoderModel.from_encoder_decoder_pretrained SubConfigSpec.create_subconfig
    SuperGlueImageProcessorPil._prepare_images_structure TapasTokenizer.save_vocabulary
    TestCasePlus.get_auto_remove_tmp_dir TestCasePlus.python_one_liner_max_rss TestCasePlus.tearDown
    TokenizersBackend._patch_mistral_regex TokenizersBackend._tokenizer_json_has_byte_level
    TokenizersBackend.save_pretrained TokenizersBackend.save_vocabulary Trainer._evaluate Trainer._finalize_training
    Trainer._inner_training_loop Trainer._load_optimizer_and_scheduler Trainer._maybe_log_save_evaluate
    Trainer._prepare_for_training Trainer._push_from_checkpoint Trainer._report_to_hp_search Trainer._run_epoch
    Trainer._save Trainer._save_checkpoint Trainer._save_optimizer_and_scheduler Trainer._save_rng_state
    Trainer._save_scaler Trainer._tune_save_checkpoint Trainer.create_model_card Trainer.push_to_hub
    Trainer.save_model TrainerState.save_to_json TvpImageProcessorPil._prepare_images_structure
    UniSpeechForCTC.tie_weights UniSpeechSatForCTC.tie_weights VideoLlavaImageProcessor.preprocess
    VideoProcessorMixin.get_video_processor_dict VideoProcessorMixin.save_pretrained VideoProcessorMixin.to_json_file
    VisionEncoderDecoderModel.from_encoder_decoder_pretrained VisionTextDualEncoderModel.from_vision_text_pretrained
    VitMatteImageProcessor._preprocess_image_like_inputs VitMatteImageProcessorPil._preprocess_image_like_inputs
    VitPoseImageProcessor._preprocess_image_like_inputs VitPoseImageProcessorPil._preprocess_image_like_inputs
    VitsTokenizer.save_vocabulary Wav2Vec2CTCTokenizer.save_vocabulary Wav2Vec2ForCTC.tie_weights
    Wav2Vec2PhonemeCTCTokenizer.save_vocabulary Wav2Vec2PreTrainedModel.load_adapter WavLMForCTC.tie_weights
    WhisperTokenizer.save_vocabulary XLMTokenizer.save_vocabulary YolosImageProcessorPil._preprocess
    YolosImageProcessorPil.prepare_annotation ZeroShotAudioClassificationPipeline.preprocess
    ZeroShotImageClassificationPipeline.preprocess ZeroShotObjectDetectionPipeline.preprocess
    _BaseAutoModelClass.from_config _LazyAutoMapping._load_attr_from_module _LazyAutoMapping.get
    _LazyAutoMapping.items _LazyAutoMapping.keys _LazyAutoMapping.values _LazyLoadAllMappings._initialize
    _LazyLoadAllMappings.items _LazyLoadAllMappings.keys _LazyLoadAllMappings.values _LazyModule._get_module
    _NetworkDebugProfiler.cleanup_shared_dir _NetworkDebugProfiler.dump_worker_records
    _NetworkDebugProfiler.maybe_write_report _add_new_model_like_internal _attach_debugger_logic _ffmpeg_stream
    _get_dtype _get_resolved_checkpoint_files _is_package_available _maybe_load_ctc_decoder _package_versions
    _path_to_class _probe_file _pytree_unflatten _resolve_class _resolve_feature_extractor _resolve_image_processor
    _resolve_impl _resolve_processor _resolve_tokenizer _resolve_video_processor _unflatten_from_context
    _use_mistral_format accelerate_dispatch add_content_to_file add_model_to_auto_mappings add_new_model_like
    apply_patches auto_conversion build_export_metadata cached_files check_imports check_packages
    check_python_requirements consolidate_backbone_kwargs_to_config consolidate_distributed_checkpoint
    convert_all_safetensors_to_bins convert_slow_checkpoint_to_fast convert_tekken_tokenizer copy_func copyfile
    custom_object_save direct_transformers_import dispatch_model ffmpeg_microphone ffmpeg_microphone_live ffmpeg_read
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
    Command.format_epilog Command.format_help Command.format_help_text Command.get_help
    FileRuntimeParam._coerce_value _AtomicFile.close _open_cli_file _wrap_io_open docs install install_bash
    install_callback install_fish install_powershell install_zsh launch open_stream open_url
  `,
  typing_extensions: `
    _eval_with_owner evaluate_forward_ref get_annotations
  `,
  ultralytics: `
    AutoBackend._model_type BOTSORT BaseDataset.cache_images_to_disk BaseDataset.check_cache_disk
    BaseDataset.check_cache_ram BaseDataset.get_image_and_label BaseDataset.load_image BasePredictor.predict_cli
    BasePredictor.setup_model BasePredictor.setup_source BasePredictor.stream_inference BaseTrainer._do_train
    BaseTrainer._handle_nan_recovery BaseTrainer._setup_train BaseTrainer.check_resume BaseTrainer.get_dataset
    BaseTrainer.save_metrics BaseTrainer.save_model BaseTrainer.setup_model BaseTrainer.train
    ClassificationDataset.cache_images ClassificationDataset.imread ClassificationDataset.verify_images
    ClassificationModel._from_yaml ClassificationTrainer.get_model ClassificationValidator.plot_predictions
    ClassificationValidator.plot_val_samples ConfusionMatrix.plot_matches ConsoleLogger._flush_buffer
    ConsoleLogger._flush_worker ConsoleLogger._queue_log ConsoleLogger._write_destination ConsoleLogger.stop_capture
    DepthDataset._load_depth DepthDataset.get_image_and_label DepthValidator.plot_predictions
    DetectionTrainer.get_model DetectionValidator.plot_predictions DetectionValidator.plot_val_samples
    Exporter._int8_calibration_images Exporter.export_ascend Exporter.export_axelera Exporter.export_coreml
    Exporter.export_deepx Exporter.export_edgetpu Exporter.export_engine Exporter.export_executorch
    Exporter.export_hailo Exporter.export_imx Exporter.export_litert Exporter.export_mnn Exporter.export_ncnn
    Exporter.export_onnx Exporter.export_openvino Exporter.export_paddle Exporter.export_qnn Exporter.export_rknn
    Exporter.export_saved_model Exporter.export_torchscript Exporter.export_xilinx
    Exporter.get_int8_calibration_dataloader GroundingDataset.cache_labels GroundingDataset.get_labels
    Inference.image_inference Inference.inference JSONDict._save JSONDict.clear JSONDict.update Model._load
    Model._new Model._val_data Model.benchmark Model.save Model.train Model.val MultiTrainer.save_results
    MultiTrainer.train NAS._load OBBValidator.eval_json OBBValidator.plot_predictions ONNXBackend.load_model
    ParkingPtsSelection.upload_image PoseTrainer.get_model PyTorchBackend.load_model Results.plot Results.save
    Results.save_txt Results.show SAM._load SAM3Predictor.get_model SAM3SemanticPredictor.get_model
    SAM3VideoSemanticPredictor.setup_model SemanticDataset.get_image_and_label SemanticDataset.load_mask
    SemanticSegmentationTrainer.get_model SemanticSegmentationValidator.plot_predictions
    SettingsManager._validate_settings SettingsManager.reset TRACKTRACK TorchScriptBackend.load_model
    Tuner._save_local_result Tuner._sync_mongodb_to_file VisualAISearch.extract_image_feature
    VisualAISearch.load_or_build_index WorldModel.get_text_pe WorldModel.set_classes WorldTrainer.build_dataset
    WorldTrainer.generate_text_embeddings WorldTrainer.set_text_embeddings WorldTrainerFromScratch.build_dataset
    WorldTrainerFromScratch.check_data_config WorldTrainerFromScratch.get_dataset YAML.save
    YOLODataset._load_or_scan_cache YOLODataset.cache_labels YOLODataset.get_labels YOLOE.predict
    YOLOE.save_prompt_embeddings YOLOE.val YOLOEDetectValidator.get_model YOLOEModel.get_text_pe YOLOEModel.get_vocab
    YOLOETrainerFromScratch.build_dataset YOLOETrainerFromScratch.generate_text_embeddings
    YOLOEVPDetectPredictor.get_vpe _DriveInfo._macos_mounts _SafeLoad.loading _build_sam _build_sam2
    _convert_ndjson_to_yolo _exif_jpeg _image_open _imread_pil _initialize_yolo_model _load_checkpoint
    _load_migraphx_session _log_tensorboard_graph _migraphx_cache_dir _post _register_migraphx_ep _replace_image
    _torch_save _upload_model auto_annotate autocast_list autosplit benchmark build_encoder build_interactive_sam3
    build_mobile_sam build_sam2_b build_sam2_l build_sam2_s build_sam2_t build_sam3_image_model build_sam_vit_b
    build_sam_vit_h build_sam_vit_l build_text_model calibrate_checkpoint check_apt_requirements check_cls_dataset
    check_data_portable check_det_dataset check_file check_font check_image check_latest_pypi_version check_source
    check_yaml compress_one_image convert_coco convert_ndjson_to_yolo convert_ndjson_to_yolo_if_needed
    convert_segment_masks_to_yolo_seg convert_to_multispectral crop_and_save ddp_cleanup default_class_names
    delete_dsstore entrypoint exif_size generate_ddp_command generate_ddp_file get_github_assets
    handle_yolo_solutions image_open import_execstack imread is_url load_checkpoint load_dataset_cache_file
    load_depth load_inference_source load_yolo_dota on_predict_start on_pretrain_routine_start on_train_end
    on_train_start onnx2ascend onnx2deepx onnx2engine onnx2rknn onnx2saved_model onnx2xilinx parse_model plot_images
    read_mask safe_upload save_dataset_cache_file spaces_in_path split_classify_dataset split_images_and_labels
    split_trainval strip_optimizer temporary_modules tflite2edgetpu torch2axelera torch2coreml torch2executorch
    torch2imx torch2ncnn torch2onnx torch2openvino torch2paddle torch2torchscript torch_save verify_image
    verify_image_depth verify_image_label verify_image_mask visualize_image_annotations yaml_model_load
    yolo_bbox2segment zip_directory
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
