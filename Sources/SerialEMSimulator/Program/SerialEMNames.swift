/// How SerialEM calls its commands. The code of each is its place in this list, from 0; new ones come at the end.
enum SerialEMNames {
    static let all = text.split(whereSeparator: \.isWhitespace).map(String.init)

    /// nil for a place beyond the list.
    static func name(at code: Int32) -> String? { all.indices.contains(Int(code)) ? all[Int(code)] : nil }
    static let codes = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, Int32($0)) })

    private static let text = """
        ScriptEnd Label SetVariable SetPersistentVar GetVariable SetStringVar DoKeyBreak ZeroLoopElseIf Exit Return Function
        EndFunction Repeat MacroName LongName KeyBreak Require ScriptName ReadOnlyUnlessAdmin EndLoop Loop DoLoop If Endif Else
        ElseIf Break Continue Try Catch EndTry Throw SkipTo DoMacro Call CallMacro CallFunction DoScript CallScript CallStringArray
        ParseQuotedStrings StringArrayToScript OnStopCallFunc NoMessageBoxOnError Test AppendToArray TruncateArray ArrayStatistics
        LinearFitToVars ListVars ListPersistentVars ClearPersistentVars MakeVarPersistent IsVariableDefined NewArray New2DArray
        LocalVar LocalLoopIndexes Plugin ListPluginCalls FlashDisplay TiltUp U TiltDown D TiltTo TiltBy SetStageBAxis
        OpenDECameraCover View V Focus F Trial T Record R Preview L Search Montage M PreCookMontage OppositeTrial OppositeFocus
        OppositeAutoFocus AcquireToMatchBuffer StepFocusNextShot SmoothFocusNextShot DeferStackingNextShot EarlyReturnNextShot
        GetDeferredSum FrameThresholdNextShot QueueFrameTiltSeries FrameSeriesFromVar SetFrameSeriesParams WriteFrameSeriesAngles
        ReportFrameTiltSum ModifyFrameTSShifts ReplaceFrameTSFocus ReplaceFrameTSShifts RetractCamera RecordAndTiltUp
        RecordAndTiltDown RecordAndTiltTo ArePostActionsEnabled TiltDuringRecord SetDoseAdjustmentFactor TestNextMultiShot
        MultipleRecords RotateMultiShotPattern AutoAlign A AlignTo ConicalAlignTo LimitNextAutoAlign AlignWithRotation AutoFocus G
        BeamTiltDirection FocusChangeLimits AbsoluteFocusLimits CorrectAstigmatism CorrectComa ZemlinTableau CBAstigComa
        FixAstigmatismByCTF FixComaByCTF ReportStigmatorNeeded ReportComaTiltNeeded ReportComaVsISmatrix Save S ReadFile
        ReadOtherFile RetryReadOtherFile SaveToOtherFile SnapshotToFile OpenNewFile OpenNewMontage OpenFrameSumFile
        SetupWaffleMontage ReportNumMontagePieces EnterNameOpenFile ChooserForNewFile ReadTextFile Read2DTextFile
        ReadStringsFromFile OpenTextFile WriteLineToFile ReadLineToArray ReadLineToString CloseTextFile FlushTextFile IsTextFileOpen
        UserSetDirectory OpenChooserInCurrentDir SetNewFileType OpenOldFile UserOpenOldFile CloseFile RemoveFile
        ReportCurrentFilename ReportLastFrameFile ReportNavFile ReportFrameBaseName GetFileInWatchedDir RunScriptInWatchedDir
        AllowFileOverwrite SetDirectory MakeDirectory ReportDirectory DoesFileExist MakeDateTimeDir SwitchToFile ReportFileNumber
        AddToAutodoc WriteAutodoc AddToFrameMdoc WriteFrameMdoc ReportFrameMdocOpen DeferWritingFrameMdoc OpenFrameMdoc
        CloseFrameMdoc AddToNextFrameStackMdoc StartNextFrameStackMdoc AlignWholeTSOnly WriteComForTSAlign SaveLogOpenNew
        CloseLogOpenNew SaveLog DeferLogUpdates SaveCalibrations SetProperty ReportUserSetting ReportProperty SetUserSetting Copy
        Show ChangeFocus SetDefocus SetStandardFocus SetAbsoluteFocus SetEucentricFocus CalEucentricFocus IncTargetDefocus
        SetTargetDefocus ReportAutofocusOffset SetAutofocusOffset SetObjFocus SetDiffractionFocus ResetDefocus SetMag SetMagIndex
        ChangeMag IncMagIfFoundPixel ChangeMagAndIntensity SetMagAndIntensity SetCamLenIndex SetSpotSize SetProbeMode Delay
        WaitForMidnight WaitForDose ScreenUp ScreenDown ReportScreen ReportScreenCurrent ImageShiftByPixels ImageShiftByUnits
        ImageShiftByMicrons ImageShiftByStageDiff ImageShiftToLastMultiHole ShiftImageForDrift ShiftCalSkipLensNorm
        CalibrateImageShift ReportFocusDrift TestSTEMshift QuickFlyback ReportAutoFocus ReportTargetDefocus SetBeamShift
        MoveBeamByMicrons MoveBeamByFieldFraction SetBeamTilt ReportBeamShift ReportBeamTilt SetImageShift AdjustBeamTiltforIS
        ReportImageShift SetObjectiveStigmator ReportXLensDeflector SetXLensDeflector ReportXLensFocus SetXLensFocus
        ReportSpecimenShift ReportObjectiveStigmator SuppressReports ErrorsToLog ReportAlignShift ReportShiftDiffFrom
        ReportISforBufferShift ReportAccumShift ResetAccumShift ReportAlignTrimming CameraToISMatrix ISToCameraMatrix
        CameraToStageMatrix StageToCameraMatrix CameraToSpecimenMatrix SpecimenToCameraMatrix ISToSpecimenMatrix SpecimenToISMatrix
        ISToStageMatrix StageToISMatrix StageToSpecimenMatrix SpecimenToStageMatrix ReportClock ResetClock ReportMinuteTime
        SetCustomTime ReportCustomInterval ReportTickTime ElapsedTickTime ReportDateTime MoveStage MoveStageTo TestRelaxingStage
        StageShiftByPixels StageToLastMultiHole MoveStageWithSpeed RelaxStage BackgroundTilt ReportStageXYZ ReportTiltAngle
        ReportStageBusy ReportStageBAxis ReportMag ReportMagIndex ReportCameraLength ReportDefocus ReportFocus ReportAbsoluteFocus
        ReportPercentC2 ReportCrossoverPercentC2 ReportIlluminatedArea ReportImageDistanceOffset ReportAlpha ReportSpotSize
        ReportProbeMode ReportEnergyFilter ReportColumnMode ReportLens ReportCoil SetFreeLensControl SetLensWithFLC
        ReportLensFLCStatus SetJeolSTEMflags SetCameraPLAOffset RemoveAperture ReInsertAperture PhasePlateToNextPos
        ReportPhasePlatePos ReportMeanCounts ReportFileZsize SubareaMean CircularSubareaMean ElectronStats RawElectronStats
        CropImage CropCenterToSize ReduceImage Rotate90CW Rotate90CCW FFT FilterImage AddImages SubtractImages MultiplyImages
        DivideImages ScaleImage CtfFind ImageProperties ImageLowDoseSet MeasureBeamSize QuadrantMeans CheckForBadStripe
        CircleFromPoints FindPixelSize Echo EchoNoVarSub EchoEval EchoReplaceLine EchoNoLineEnd Verbose ProgramTimeStamps
        IsVersionAtLeast SkipIfVersionLessThan IsFFTWindowOpen ReportEnvironVar ReportSettingsFile ListAllCalibrations Pause
        YesNoBox AbortIfFailed PauseIfFailed OKBox EnterOneNumber EnterDefaultedNumber EnterString ThreeChoiceBox CompareNoCase
        CompareStrings StripEndingDigits MailSubject SendEmail ErrorBoxSendEmail ClearAlignment ResetImageShift ResetShiftIfAbove
        Eucentricity ReportLastAxisOffset SetTiltAxisOffset WalkUpTo ReverseTilt DriftWaitTask ConditionPhasePlate GetWaitTaskDrift
        BacklashAdjust CenterBeamFromImage AutoCenterBeam CookSpecimen SetIntensityByLastTilt ChangeIntensityBy SetIntensityForMean
        SetDoseRate SetPercentC2 IncPercentC2 SetIlluminatedArea SetImageDistanceOffset SetAlpha ReportJeolGIF SetJeolGIF
        NormalizeLenses NormalizeAllLenses ReportSlotStatus LoadCartridge UnloadCartridge RefrigerantLevel DewarsRemainingTime
        AreDewarsFilling ReportVacuumGauge ReportHighVoltage SetSlitWidth SetEnergyLoss ChangeEnergyLoss SetSlitIn RefineZLP
        SelectCamera SetExposure SetBinning SetCameraArea SetCenteredSize SetExposureForMean SetContinuous SetProcessing
        SetFrameTime ChangeFrameAndExposure SetK2ReadMode SetDoseFracParams SetDECamFrameRate UseContinuousFrames StopContinuous
        ReportContinuous StartFrameWaitTimer WaitForNextFrame SetLiveSettleFraction SetSTEMDetectors RestoreCameraSet
        KeepCameraSetChanges ReportK2FileParams SetK2FileParams ReportFrameAliParams SetFrameAliParams SetFrameAli2 ReportFrameAli2
        SetFolderForFrames SkipFrameAliParamCheck ReportK3CDSmode SetK3CDSmode ReportCountScaling SetDivideBy2 ReportNumFramesSaved
        CameraProperties ReportColumnOrGunValve SetColumnOrGunValve ReportFilamentCurrent SetFilamentCurrent IsPVPRunning
        SetBeamBlank MoveToNavItem RealignToNavItem RealignToOtherItem RealignToMapDrawnOn GetRealignToItemError ReportNavItem
        ReportOtherItem LoadNavMap LoadOtherMap ReportNextNavAcqItem ReportItemAcquire SetItemAcquire NavIndexWithLabel
        NavIndexWithNote NavIndexItemDrawnOn NavItemFileToOpen SetNavItemUserValue ReportItemUserValue SetMapAcquireState
        RestoreState ReportNumNavAcquire ReportNumHoleAcquire ReportNumTableItems SetNavRegistration SaveNavigator ReportIfNavOpen
        ReadNavFile MergeNavFile CloseNavigator OpenNavigator ChangeItemRegistration ChangeItemColor ChangeItemLabel ChangeItemNote
        SetItemTargetDefocus SetItemSeriesAngles SkipAcquiringNavItem SkipAcquiringGroup SkipMoveInNavAcquire SuspendNavRedraw
        StartNavAcquireAtEnd SuffixForExtraFile ItemForSuperCoord UpdateItemZ UpdateGroupZ ReportGroupStatus ReportItemImageCoords
        NewMap MakeAnchorMap ShiftItemsByAlignment ShiftItemsByCurrentDiff ShiftItemsByMicrons AlignAndTransformItems
        ForceCenterRealign SkipPiecesOutsideItem FindHoles MakeNavPointsAtHoles ClearHoleFinder CombineHolesToMulti
        UndoHoleCombining SetHelperParams SetMontageParams ManualFilmExposure ExposeFilm SpecialExposeFilm GoToLowDoseArea
        SetLDContinuousUpdate SetLowDoseMode SetAxisPosition ReportAxisPosition ReportLowDose CurrentSettingsToLDArea
        UpdateLowDoseParams RestoreLowDoseParams SetLDAddedBeamButton ShowMessageOnScope SetupScopeMessage UpdateHWDarkRef
        LongOperation NewDEserverDarkRef RunInShell NextProcessArgs CreateProcess ExternalToolArgPlace RunExternalTool SaveFocus
        RestoreFocus SaveBeamTilt RestoreBeamTilt SelectPiezo ReportPiezoXY ReportPiezoZ MovePiezoXY MovePiezoZ SetFloatVariable
        PythonScript EndPythonScript FindScriptByName ReportFEGEmissionState SetFEGEmissionState SetImageBeamTilt
        ReportImageBeamTilt SetCondenserStigmator ReportCurrentBuffer ChangeItemDraw IsFEGFlashingAdvised NextFEGFlashHighTemp
        SimpleOriginStatus AlignToTemplate ManageDewarsAndPumps ImageMetadataToVar ReportHoleFinderParams ReportDiffractionShift
        SetDiffractionShift ReportExposure ReportBinning ReportReadMode ReportCameraSetArea ReportCurrentPixelSize
        SetSimpleOriginActive SetFrameBaseName AutoCorrPeakVectors ReportCondenserStigmator AddTitleToFile ReportLastHoleVectors
        ReportActiveViewTitle SetActiveViewByTitle LimitNextRoughEucen ReportRoughEucenFailed RunGatanScript EchoBreakLines
        NoLineWrapInMessageBox ReportRotationProblems UseHoleVectorsForMulti RunScriptAfterNavAcquire LoadScriptPackAtEnd
        ConvertToBytes PasteImagesTogether ScaledSpectrum SpectrumBesideImage CheckStageToCamera RunScriptInFile RunSerialEMSnapshot
        ImageConditions AccumulateRecordDose OpenMultiShotFiles CloseMultiShotFiles SetNextEmailAddress ReorderMontageByTilt
        ReportTiltAxisOffset DeleteNavigatorItem MeasureBeamPosition MeasureBeamEllipse AddImagePosAsNavPoint
        AddImagePointsAsPolygon AdjustStagePosForNav AddStagePosAsNavPoint AddStagePointsAsPolygon GetUniqueNavID TrimString
        ReportCameraName Ctfplotter RunProcess ReportCtplotterTuning CycleTargetDefocus SetCustomHoleShifts SetCustomHoleDefocus
        GoToImagingState OpenImagingStateDialog ReportFEGBeamCurrent ComputeIceThickness GraphValuesInArrays GraphPreStoredValues
        SetGraphAxisLabel SetGraphKeyLabel SetGraphTypes SetGraphColumns SetGraphSymbols SetGraphOptions ListISVectorsToGraph
        CloseAllGraphs GetLastTiltXYZToGraph PipeToNextProcess ImageMarkerPosition GetNavGroupStageCoords GetNavGroupImageCoords
        LoadSettingsFile SetupFullMontage AutoContourGridSquares ForgetPriorState CalibrateElectronDose SaveSettings
        SetRegularHoleVectors CalibrateComaVsIS CalibrateHighFocusIS GetSTEMBrightContrast SetSTEMBrightContrast ReportMontagePiece
        FindCartridgeWithID SetTiltIncrement SetHoleFinderParams ReportApertureSize SetApertureSize SkipZMoveNextNavRealign
        SetRedoMontageXCorrs SetGridMapLimits ParamSetToUseForMontage SetStatusLine ClearStatusLine HighlightStatusLine
        MakePolygonsAtSquares SetAutocontourGroups ReportAutocontourStats SetupPolygonMontage StopBackgroundTilt ReadMontagePiece
        ReportMetadataValues ReportMetadataString ReportSystemPath ChangeItemGroupID ReportFrameSavingPath ReportCameraProperty
        SetCameraProperty CopyLowDoseArea ReportVacuumStatus EndAcquireAtItems SkipNavPointsNearEdge StageToBufImageMatrix
        BufImageToStageMatrix StagePosToBufImagePos BufImagePosToStagePos AreaForCumulRecordDose AddCirclePolygon
        GetDoseSymmetricAngles SetDoseSymmetricAngles AdjustMultiShotPattern UseMapItemHoleVectors SaveNextCtfplotterGraph
        ReportFreeDiskSpace SetLensByName ReportMultishotVectors GetItemHolesToAcquire ReportCameraInserted RetractCameras
        WaitForNewMarkerPoint ReportIfNavAcquiring SetTiltSeriesAtItem BackgroundMoveStage StopBackgroundStage
        ReportTiltSeriesAtItem ReportNumExeFuncs ReportBeamStopPosition SetBeamStopPosition IsDirectoryWritable
        UseNavGroupForMultishot SaveNextGraphAndExit SuppressInfoOutput FindSubstring OpenDialog ReportLastMarkerShift
        SetMontPanelParams ReportMaxImageShift TransformToOtherMag TransformToMatchBuffer AlignBetweenMags SetMultishotParams
        ReportMultishotParams GetItemPointArray IsImageFileOpen ReportNumOpenFiles ReportOpenImageFile SetNextLogOutputStyle
        FindLowDoseShiftOffset ReportLDShiftOffset RevertAutoLDShiftOffset ChooserForTextFile SetSelectedNavItem
        SetLowDoseShiftOffset DeferSettingsUpdate GetFastScopeStatus SetCoilByName NavAcqAtEndUseParams SetNavAcqAtEndParams
        RealignReloadedGrid SetFrameNameFormat ReportFrameNameFormat PluginAllDoubles PluginString PluginDoubleString
        SetDiffractionStigmator ReportDiffractionStigmator CalibrateHighFocusMag ReportPercentileStats SetupDynamicFocus
        StartFocusRamper FinishFocusRamp SetDebugOutput LoadAllGridMaps FindMultiMapHoles NavGoToMarker ReportLDDefocusOffset
        SetLDDefocusOffset NextMultiShotUseNavItem AddBufToStackWindow CloseStackWindow SetBufZoomAndCenter BinningForCameraMatrix
        ReportFileOptions SetFileOptions FindAndCenterOneHole StepAndAdjustISVectors PrescanWithPreview ClearNonPersistentVars
        SetEDMDutyPercent ReportEDMDutyPercent NextProcessPipeToVar CheckEucenByFocusCal RefineGridMapAlignment ReportXLensMode
        SetXLensMode ReportC2ApSizeForScaling SetC2ApSizeForScaling ReportObjectiveStrength UpdateImagingState
        ImagingStateProperties StartTry ToggleBufferDisplay SetParallelIllumination ReportCurrentMulGridID LoadPieceAtNavPoint
        SetHighVoltage MoveToMarker ManyChoiceBox RunBackgroundScript StopBackgroundScript SetBkgdScriptVar GetBkgdScriptVar
        WaitForBkgdScriptVar AllowTimeForBkgdScript CopyOtherScriptVar QueryVibrationManager VibrationManagerRequest
        ReportConvergenceAngle ReportSmallestHoleShift GetMapIndexes GetApertureSizes GetLowDoseAreaParams SetMultiGridRefCounts
        FindItemWithLabelOrNote ListImagingState GetFoundHolePositions ReportBeamSizeFromCalib SetBeamSize SetItemImShiftTargets
        AdjustImShiftTargets AlreadyInLowDoseArea FuncsTakeAllStringArgs CenterHoleAtNavItem GetDEServerProperty SetDEServerProperty
        ReadNavAcqParamSet ToolbarFillColor ToolbarOutlineColor ImposeToolbarColor ShowScopeControlPanel ReadBasicModeFile
        ExitProgramAtEnd SkipUtapiService ReportLongOperations ReportDoseFracParams ReportMiscCameraParams GetControlPanelState
        SetControlPanelState ListAdjustingTransforms ReportUtapiServices ReportLoadedSlot CopyToZoomedOverview
        SetZoomedOverviewCenter AssessPolygonMontage GetAllLowDoseValues GetAllCameraSetValues
        """
}
